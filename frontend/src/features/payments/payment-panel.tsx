import { DisputeBadge, StatusBadge } from "@/ui/badges/badges";
import { Amount } from "@/ui/money/amount";
import { Facts, Section } from "@/ui/page/page-frame";
import { LoadingBlock, ProblemState } from "@/ui/states/states";
import { Time } from "@/ui/time/time";
import { usePayment } from "./use-payment";

export function PaymentPanel({ paymentId }: { paymentId: string }) {
  const query = usePayment(paymentId);
  if (query.isPending) return <LoadingBlock height={320} />;
  if (query.isError) return <ProblemState problem={query.error} onRetry={() => void query.refetch()} />;
  const payment = query.data.body;
  return (
    <Section title="Payment">
      <Facts
        facts={[
          { label: "Status", value: <StatusBadge status={payment.status} /> },
          {
            label: "Amount",
            value: (
              <Amount minor={payment.amount_minor} currency={payment.currency} exponent={payment.exponent} />
            ),
          },
          { label: "Dispute", value: <DisputeBadge status={payment.dispute_status} /> },
          { label: "Merchant", value: payment.merchant_id ?? "–" },
          { label: "Created", value: <Time at={payment.created_at} as="full" /> },
        ]}
      />
    </Section>
  );
}
