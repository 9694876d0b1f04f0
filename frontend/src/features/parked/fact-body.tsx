import { useQuery } from "@tanstack/react-query";
import { useState } from "react";
import { Link } from "react-router";
import { useRefusal } from "@/ui/access/access";
import { GuardedButton } from "@/ui/access/guarded-button";
import { Identifier } from "@/ui/copy/identifier";
import { JsonView } from "@/ui/json/json-view";
import { links } from "@/ui/links/links";
import { Amount } from "@/ui/money/amount";
import { type Fact, Facts, Section } from "@/ui/page/page-frame";
import { LoadingBlock, ProblemState } from "@/ui/states/states";
import { Time } from "@/ui/time/time";
import { Deadline } from "./deadline";
import { ExitDialog } from "./exit-dialog";
import { factOptions, keyOf, type ParkedDetail } from "./parked";
import classes from "./parked.module.css";

export function FactBody({ name, onGone }: { name: string; onGone: () => void }) {
  const query = useQuery(factOptions(keyOf(name)));
  if (query.data !== undefined) return <KnownFact fact={query.data} onGone={onGone} />;
  if (query.isError) return <ProblemState problem={query.error} onRetry={() => void query.refetch()} />;
  return <LoadingBlock height={320} />;
}

function KnownFact({ fact, onGone }: { fact: ParkedDetail; onGone: () => void }) {
  const refusal = useRefusal("operator");
  const [asking, setAsking] = useState<"link" | "discard" | null>(null);
  return (
    <>
      <div className={classes.buttons}>
        <GuardedButton size="compact-xs" refusal={refusal} onClick={() => setAsking("link")}>
          Link to another payment
        </GuardedButton>
        <GuardedButton
          size="compact-xs"
          variant="default"
          refusal={refusal}
          onClick={() => setAsking("discard")}
        >
          Discard
        </GuardedButton>
      </div>
      <Section title="What it waits for">
        <p className={classes.text}>
          It needs {fact.waiting_for}. It is applied in the same moment that comes; at its deadline it becomes
          an orphan, with a critical alert.
        </p>
        <Facts
          facts={[
            { label: "Waits since", value: <Time at={fact.parked_at} as="relative" /> },
            { label: "Gives up", value: <Deadline at={fact.deadline_at} /> },
            { label: "Reason", value: <code>{fact.reason}</code> },
          ]}
        />
      </Section>
      <Facts facts={factsOf(fact)} />
      {fact.payload !== null && (
        <Section title="The event as it came">
          <JsonView value={fact.payload} label="payload" />
        </Section>
      )}
      {asking !== null && (
        <ExitDialog exit={asking} fact={fact} onClose={() => setAsking(null)} onGone={onGone} />
      )}
    </>
  );
}

function factsOf(fact: ParkedDetail): Fact[] {
  const facts: Fact[] = [
    { label: "Payment", value: <Link to={links.payment(fact.payment_id)}>{fact.payment_id}</Link> },
    { label: "Fact", value: fact.type },
  ];
  if (fact.amount_minor !== null) {
    const { amount_minor: minor, currency, exponent } = fact;
    facts.push({
      label: "Amount",
      value: <Amount minor={minor} currency={currency} exponent={exponent ?? 0} />,
    });
  }
  facts.push(
    { label: "Merchant", value: <Identifier value={fact.merchant_id} what="merchant id" /> },
    { label: "Source", value: fact.source },
    { label: "Event", value: <Identifier value={fact.event_id} what="event id" /> },
    { label: "Operation", value: <Identifier value={fact.operation_id} what="operation id" /> },
    { label: "Occurred", value: <Time at={fact.occurred_at} as="full" /> },
    { label: "Correlation", value: <Identifier value={fact.correlation_id} what="correlation id" /> },
  );
  return facts;
}
