import { useParams } from "react-router";
import { Identifier } from "@/ui/copy/identifier";
import { PageFrame } from "@/ui/page/page-frame";
import { LoadingBlock, ProblemState } from "@/ui/states/states";
import { ArchiveButton } from "./archive-button";
import { CommandBar } from "./command-bar";
import { PaymentFacts } from "./facts";
import { Headline } from "./headline";
import { Metadata } from "./metadata";
import { MoneySection } from "./money-section";
import { Operations } from "./operations";
import classes from "./payment-page.module.css";
import { Raw } from "./raw";
import { Related } from "./related";
import { Timeline } from "./timeline";
import { type Payment, usePayment, usePaymentNews } from "./use-payment";

export default function PaymentPage() {
  const { paymentId = "" } = useParams();
  const query = usePayment(paymentId);
  usePaymentNews(paymentId);
  return (
    <PageFrame
      title="Payment"
      subtitle={<Identifier value={paymentId} what="payment id" />}
      actions={query.data === undefined ? undefined : <ArchiveButton payment={query.data} />}
    >
      {query.isPending ? (
        <LoadingBlock height={420} />
      ) : query.data === undefined ? (
        <ProblemState problem={query.error} onRetry={() => void query.refetch()} />
      ) : (
        <Body payment={query.data} />
      )}
    </PageFrame>
  );
}

function Body({ payment }: { payment: Payment }) {
  const { body } = payment;
  return (
    <div className={classes.columns}>
      <div className={classes.main}>
        <Headline payment={body} />
        <MoneySection payment={body} />
        <div className={classes.late}>
          <Operations payment={body} />
          <Timeline payment={body} />
        </div>
      </div>
      <div className={classes.side}>
        <CommandBar payment={payment} />
        <Related payment={body} />
        <PaymentFacts payment={body} />
        <div className={classes.last}>
          <Metadata payment={payment} />
          <Raw payment={body} />
        </div>
      </div>
    </div>
  );
}
