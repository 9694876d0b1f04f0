import { Link } from "react-router";
import type { TransactionDetail } from "@/api/types";
import { Identifier } from "@/ui/copy/identifier";
import { links } from "@/ui/links/links";
import { type Fact, Facts, Section } from "@/ui/page/page-frame";
import { Time } from "@/ui/time/time";

export function PaymentFacts({ payment }: { payment: TransactionDetail }) {
  const { merchant_id: merchant } = payment;
  const facts: Fact[] = [
    { label: "Payment id", value: <Identifier value={payment.payment_id} what="payment id" /> },
    {
      label: "Merchant",
      value: merchant === null ? "–" : <Link to={links.payments({ merchant_id: merchant })}>{merchant}</Link>,
    },
    { label: "Source", value: payment.source ?? "–" },
    { label: "Created", value: <Time at={payment.created_at} as="full" /> },
    { label: "Changed", value: <Time at={payment.updated_at} as="full" /> },
    { label: "Version", value: payment.version },
  ];
  return (
    <Section title="Facts">
      <Facts facts={facts} />
    </Section>
  );
}
