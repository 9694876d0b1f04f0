import { useQuery, useQueryClient } from "@tanstack/react-query";
import { Link } from "react-router";
import type { Alert } from "@/api/types";
import { AlertStatusBadge, DisputeBadge, SeverityBadge, StatusBadge, VerdictBadge } from "@/ui/badges/badges";
import { Identifier } from "@/ui/copy/identifier";
import { links } from "@/ui/links/links";
import { Amount } from "@/ui/money/amount";
import { type Fact, Facts, Section } from "@/ui/page/page-frame";
import { LoadingBlock, ProblemState } from "@/ui/states/states";
import { Time } from "@/ui/time/time";
import { AddNote, Trail } from "@/ui/trail/trail";
import classes from "./alert-body.module.css";
import { ALERTS_KEY, type AlertDetail, alertOptions } from "./alerts";
import { OUTCOMES } from "./triage";
import { TriageButtons } from "./triage-buttons";
import type { TriageDesk } from "./use-triage";

/** One alert with all that helps to judge it; in the side panel and on its page alike. */
export function AlertBody({ alertId, desk }: { alertId: string; desk: TriageDesk }) {
  const query = useQuery(alertOptions(alertId));
  if (query.data === undefined) {
    if (query.isError) return <ProblemState problem={query.error} onRetry={() => void query.refetch()} />;
    return <LoadingBlock height={320} />;
  }
  const alert = query.data;
  const { payment, rule_detail: rule, history } = alert;
  return (
    <>
      <div className={classes.buttons}>
        <TriageButtons alerts={[alert]} desk={desk} />
      </div>
      <Facts facts={standing(alert)} />
      <WhatHappened alert={alert} />
      {payment !== null && <PaymentBrief payment={payment} />}
      {rule !== null && <RuleBrief rule={rule} />}
      <History alert={alert} entries={history} />
    </>
  );
}

function standing(alert: Alert): Fact[] {
  const facts: Fact[] = [
    { label: "Severity", value: <SeverityBadge severity={alert.severity} /> },
    { label: "Status", value: <AlertStatusBadge status={alert.status} /> },
    { label: "Assignee", value: alert.assignee?.name ?? "Nobody" },
    { label: "Created", value: <Time at={alert.created_at} as="relative" /> },
  ];
  if (alert.snoozed_until !== null)
    facts.push({ label: "Sleeps until", value: <Time at={alert.snoozed_until} as="full" /> });
  if (alert.resolved_at !== null)
    facts.push({ label: "Resolved", value: <Time at={alert.resolved_at} as="relative" /> });
  if (alert.outcome !== null) {
    const outcome = OUTCOMES.find(({ value }) => value === alert.outcome);
    facts.push({ label: "Outcome", value: outcome?.label ?? alert.outcome });
  }
  return facts;
}

function WhatHappened({ alert }: { alert: Alert }) {
  const facts: Fact[] = [];
  if (alert.verdict !== null)
    facts.push({ label: "Verdict", value: <VerdictBadge verdict={alert.verdict} /> });
  if (alert.reason !== null) facts.push({ label: "Reason", value: alert.reason.replaceAll("_", " ") });
  if (alert.source !== null) facts.push({ label: "Source", value: alert.source });
  if (alert.merchant_id !== null)
    facts.push({ label: "Merchant", value: <Identifier value={alert.merchant_id} what="merchant id" /> });
  if (alert.event_id !== null)
    facts.push({ label: "Event", value: <Identifier value={alert.event_id} what="event id" /> });
  if (alert.correlation_id !== null) {
    facts.push({
      label: "Correlation",
      value: <Identifier value={alert.correlation_id} what="correlation id" />,
    });
  }
  return (
    <Section title="What happened">
      {alert.description !== "" && <p className={classes.description}>{alert.description}</p>}
      {alert.note !== null && <p className={classes.note}>{alert.note}</p>}
      {facts.length > 0 && <Facts facts={facts} />}
    </Section>
  );
}

const SUMS = [
  { label: "Amount", sum: "amount_minor" },
  { label: "Captured", sum: "captured_minor" },
  { label: "Refunded", sum: "refunded_minor" },
  { label: "Disputed", sum: "disputed_minor" },
] as const;

function PaymentBrief({ payment }: { payment: NonNullable<AlertDetail["payment"]> }) {
  return (
    <Section title="Payment" aside={<Link to={links.payment(payment.payment_id)}>Open</Link>}>
      <Facts
        facts={[
          { label: "Id", value: <Identifier value={payment.payment_id} what="payment id" /> },
          {
            label: "Status",
            value: (
              <>
                <StatusBadge status={payment.status} /> <DisputeBadge status={payment.dispute_status} />
              </>
            ),
          },
          ...SUMS.map(({ label, sum }) => ({
            label,
            value: <Amount minor={payment[sum]} currency={payment.currency} exponent={payment.exponent} />,
          })),
        ]}
      />
    </Section>
  );
}

function RuleBrief({ rule }: { rule: NonNullable<AlertDetail["rule_detail"]> }) {
  return (
    <Section
      title={`Rule ${rule.name}, version ${rule.version}`}
      aside={
        <>
          {!rule.enabled && "This version is no longer in force"}
          <Link to={links.rule(rule.name)}>Open</Link>
        </>
      }
    >
      <pre className={classes.condition}>{rule.condition}</pre>
    </Section>
  );
}

function History({ alert, entries }: { alert: Alert; entries: AlertDetail["history"] }) {
  const client = useQueryClient();
  return (
    <Section
      title="What was done"
      aside={
        <AddNote
          subjectKind="alert"
          subjectId={alert.alert_id}
          onAdded={() => void client.invalidateQueries({ queryKey: [...ALERTS_KEY, "one", alert.alert_id] })}
        />
      }
    >
      <Trail entries={entries} empty="Nobody has touched it so far." />
    </Section>
  );
}
