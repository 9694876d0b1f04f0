import { useQuery, useQueryClient } from "@tanstack/react-query";
import { Link } from "react-router";
import { StatusBadge, VerdictBadge } from "@/ui/badges/badges";
import { Identifier } from "@/ui/copy/identifier";
import { JsonView } from "@/ui/json/json-view";
import { links } from "@/ui/links/links";
import { type Fact, Facts, Section } from "@/ui/page/page-frame";
import { LoadingBlock, ProblemState } from "@/ui/states/states";
import { Time } from "@/ui/time/time";
import { AddNote, actionWords, actorWords, noteKind } from "@/ui/trail/trail";
import { AUDIT_KEY, type AuditEntry, entryOptions } from "./audit";
import { kindLabel } from "./audit-list";
import classes from "./entry-body.module.css";

/** One entry with everything that was recorded. */
export function EntryBody({ auditId }: { auditId: string }) {
  const client = useQueryClient();
  const query = useQuery(entryOptions(auditId));
  if (query.data === undefined) {
    if (query.isError) return <ProblemState problem={query.error} onRetry={() => void query.refetch()} />;
    return <LoadingBlock height={320} />;
  }
  const entry = query.data;
  const kind = noteKind(entry.subject_kind);
  return (
    <>
      <Facts facts={factsOf(entry)} />
      {entry.note !== null && <p className={classes.note}>{entry.note}</p>}
      {entry.details !== null && (
        <Section title="What it changed">
          <JsonView value={entry.details} label="details" />
        </Section>
      )}
      {entry.payload !== null && entry.payload !== undefined && (
        <Section title="The event as it came">
          <JsonView value={entry.payload} label="payload" />
        </Section>
      )}
      <p className={classes.law}>
        Entries are never changed or deleted, by anybody: the books are proved from them. A correction is a
        note beside it.
      </p>
      {kind !== null && (
        <div>
          <AddNote
            subjectKind={kind}
            subjectId={entry.subject_id}
            onAdded={() => void client.invalidateQueries({ queryKey: [...AUDIT_KEY, "list"] })}
          />
        </div>
      )}
    </>
  );
}

function factsOf(entry: AuditEntry): Fact[] {
  const facts: Fact[] = [
    { label: "Action", value: actionWords(entry.action) },
    { label: "Actor", value: actorWords(entry.actor) },
    { label: "Recorded", value: <Time at={entry.recorded_at} as="milliseconds" /> },
    { label: kindLabel(entry.subject_kind), value: <Subject entry={entry} /> },
  ];
  const add = (label: string, value: Fact["value"] | null) => {
    if (value !== null && value !== undefined) facts.push({ label, value });
  };
  if (entry.subject_kind !== "payment" && entry.payment_id !== null) {
    add("Payment", <Link to={links.payment(entry.payment_id)}>{entry.payment_id}</Link>);
  }
  add("Type", entry.type);
  add("Verdict", entry.verdict && <VerdictBadge verdict={entry.verdict} />);
  add("Reason", entry.reason?.replaceAll("_", " "));
  if (entry.to_status !== null && entry.subject_kind === "payment") {
    add("Status", <Change from={entry.from_status} to={entry.to_status} />);
  }
  add("Version", entry.version === null ? null : String(entry.version));
  add("Source", entry.source);
  add("Event", entry.event_id && <Identifier value={entry.event_id} what="event id" />);
  add("Occurred", entry.occurred_at && <Time at={entry.occurred_at} as="milliseconds" />);
  add(
    "Correlation",
    entry.correlation_id && <Identifier value={entry.correlation_id} what="correlation id" />,
  );
  return facts;
}

function Change({ from, to }: { from: string | null; to: string }) {
  if (from === null || from === to) return <StatusBadge status={to} />;
  return (
    <span className={classes.change}>
      <StatusBadge status={from} /> → <StatusBadge status={to} />
    </span>
  );
}

function Subject({ entry }: { entry: AuditEntry }) {
  const id = entry.subject_id;
  const to = {
    payment: () => links.payment(id),
    alert: () => links.alert(id),
    rule: () => links.rule(id),
    dead_letter: () => links.deadLetters({ status: "any", open: id }),
    fleet: links.fleet,
  }[entry.subject_kind as "payment"];
  return to === undefined ? <Identifier value={id} what="id" /> : <Link to={to()}>{id}</Link>;
}
