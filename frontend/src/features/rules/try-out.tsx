import { NativeSelect } from "@mantine/core";
import { Link } from "react-router";
import { GuardedButton } from "@/ui/access/guarded-button";
import { Code } from "@/ui/copy/identifier";
import { ProblemLine } from "@/ui/dialog/confirm";
import { links } from "@/ui/links/links";
import { DataTable } from "@/ui/list/data-table";
import type { Column } from "@/ui/list/definition";
import { Amount } from "@/ui/money/amount";
import { Section } from "@/ui/page/page-frame";
import { Time } from "@/ui/time/time";
import classes from "./rule.module.css";
import type { TryOutcome } from "./rules";
import { TRY_EVENTS, type Trial } from "./use-try-out";

type Match = TryOutcome["sample"][number];

const COLUMNS: readonly Column<Match>[] = [
  {
    id: "payment",
    label: "Payment",
    initial: true,
    rank: 1,
    cell: (match) => (
      <Link to={links.payment(match.payment_id)}>
        <Code>{match.payment_id}</Code>
      </Link>
    ),
    text: (match) => match.payment_id,
  },
  {
    id: "type",
    label: "Event",
    initial: true,
    rank: 1,
    cell: (match) => match.type,
    text: (match) => match.type ?? "",
  },
  {
    id: "amount",
    label: "Amount",
    initial: true,
    rank: 1,
    align: "end",
    cell: (match) =>
      match.amount_minor === null ? null : (
        <Amount minor={match.amount_minor} currency={match.currency} exponent={match.exponent ?? 0} />
      ),
    text: () => "",
  },
  {
    id: "recorded",
    label: "Recorded",
    initial: true,
    rank: 2,
    align: "end",
    cell: (match) => <Time at={match.recorded_at} />,
    text: (match) => match.recorded_at,
  },
];

interface TryOutProps {
  trial: Trial;
  condition: string;
  refusal: string | null;
  onTry: () => void;
}

/** What the condition would have said of recent events. */
export function TryOut({ trial, condition, refusal, onTry }: TryOutProps) {
  return (
    <Section
      title="Try it on recent events"
      flush
      aside={
        <>
          <NativeSelect
            size="xs"
            aria-label="How many events"
            value={String(trial.limit)}
            data={TRY_EVENTS.map((count) => ({
              value: String(count),
              label: `${count.toLocaleString("en-US")} events`,
            }))}
            onChange={(event) => trial.setLimit(Number(event.currentTarget.value))}
          />
          <GuardedButton size="xs" variant="default" refusal={refusal} loading={trial.busy} onClick={onTry}>
            Try
          </GuardedButton>
        </>
      }
    >
      <div aria-live="polite">
        {trial.error !== null && (
          <div className={classes.pad}>
            <ProblemLine problem={trial.error} />
          </div>
        )}
        {trial.outcome === undefined && trial.error === null && (
          <p className={classes.hint}>
            Nothing is stored and no alert is raised. <kbd>Ctrl</kbd> <kbd>Enter</kbd> in the editor does the
            same.
          </p>
        )}
        {trial.outcome !== undefined && <Summary outcome={trial.outcome} stale={trial.tried !== condition} />}
      </div>
      {trial.outcome !== undefined && trial.outcome.sample.length > 0 && (
        <DataTable
          label="Events that match"
          rows={trial.outcome.sample}
          columns={COLUMNS}
          rowKey={(match) => `${match.payment_id} ${match.event_id}`}
          fading={trial.tried !== condition}
        />
      )}
    </Section>
  );
}

function Summary({ outcome, stale }: { outcome: TryOutcome; stale: boolean }) {
  const share = outcome.events === 0 ? 0 : (outcome.matches / outcome.events) * 100;
  const count = (value: number) => value.toLocaleString("en-US");
  return (
    <p className={classes.summary}>
      <strong>
        {count(outcome.matches)} of {count(outcome.events)} events match
      </strong>
      {outcome.events > 0 && <span>{share.toFixed(share < 10 ? 1 : 0)} %</span>}
      {outcome.errors > 0 && (
        <span className={classes.bad}>{count(outcome.errors)} failed: overflow or division by zero</span>
      )}
      {stale && <span className={classes.unsaved}>The condition was changed since.</span>}
      {outcome.sample.length < outcome.matches && <span>The newest {outcome.sample.length} are shown.</span>}
    </p>
  );
}
