import { LoadingBlock, ProblemState } from "@/ui/states/states";
import { CommandBar } from "./command-bar";
import { PaymentFacts } from "./facts";
import { Headline } from "./headline";
import { MoneySection } from "./money-section";
import { Operations } from "./operations";
import { Related } from "./related";
import { Timeline } from "./timeline";
import { usePayment, usePaymentNews } from "./use-payment";

/** The payment beside the list: what one needs to decide, in one column. */
export default function PaymentPanel({ paymentId }: { paymentId: string }) {
  const query = usePayment(paymentId);
  usePaymentNews(paymentId);
  if (query.isPending) return <LoadingBlock height={320} />;
  if (query.data === undefined)
    return <ProblemState problem={query.error} onRetry={() => void query.refetch()} />;
  const { body } = query.data;
  return (
    <>
      <Headline payment={body} />
      <MoneySection payment={body} />
      <CommandBar key={paymentId} payment={query.data} />
      <Related payment={body} />
      <Timeline key={`timeline ${paymentId}`} payment={body} />
      <Operations payment={body} />
      <PaymentFacts payment={body} />
    </>
  );
}
