import { Button, SegmentedControl } from "@mantine/core";
import { useInfiniteQuery } from "@tanstack/react-query";
import { ArrowRight, ChevronRight } from "lucide-react";
import { useId, useState } from "react";
import { Link } from "react-router";
import { api, take } from "@/api/client";
import { parseExact } from "@/api/exact-json";
import type { Page, TimelineEntry, TransactionDetail } from "@/api/types";
import { StatusBadge, VERDICTS, VerdictBadge } from "@/ui/badges/badges";
import { Glyph } from "@/ui/badges/glyph";
import { CopyButton } from "@/ui/copy/copy-button";
import { JsonView } from "@/ui/json/json-view";
import { links } from "@/ui/links/links";
import { Section } from "@/ui/page/page-frame";
import { Time } from "@/ui/time/time";
import { NoteForm } from "./note-form";
import { reasonText } from "./reasons";
import classes from "./timeline.module.css";
import { paymentKey } from "./use-payment";

/** The detail carries this many; a full one means that there may be older entries. */
const FIRST_PAGE = 200;
/** Verdicts that changed nothing and are rarely what one looks for. */
const NOISE: ReadonlySet<string | null> = new Set(["duplicate", "stale"]);

/** Every delivery and every action on the payment, newest first: what came of it and why. */
export function Timeline({ payment }: { payment: TransactionDetail }) {
  const [view, setView] = useState<"all" | "effects">("all");
  const older = useOlder(payment);
  const entries = older.entries.filter((entry) => view === "all" || !NOISE.has(entry.verdict));
  return (
    <Section
      title="Timeline"
      aside={
        <SegmentedControl
          size="xs"
          aria-label="Which entries"
          value={view}
          onChange={(value) => setView(value === "effects" ? "effects" : "all")}
          data={[
            { value: "all", label: "Everything" },
            { value: "effects", label: "Without repetitions" },
          ]}
        />
      }
    >
      <NoteForm paymentId={payment.payment_id} />
      <ol className={classes.line}>
        {entries.map((entry) => (
          <Entry key={entry.audit_id} entry={entry} />
        ))}
      </ol>
      {older.hasMore && (
        <Button variant="default" size="xs" loading={older.loading} onClick={older.load}>
          Older entries
        </Button>
      )}
      {older.problem !== null && <p role="alert">Older entries could not be read: {older.problem.message}</p>}
    </Section>
  );
}

function useOlder(payment: TransactionDetail) {
  const [wanted, setWanted] = useState(false);
  const query = useInfiniteQuery({
    queryKey: [...paymentKey(payment.payment_id), "timeline"],
    enabled: wanted,
    initialPageParam: null as string | null,
    queryFn: async ({ pageParam, signal }) => {
      const params = {
        path: { payment_id: payment.payment_id },
        query: { limit: FIRST_PAGE, ...(pageParam === null ? {} : { cursor: pageParam }) },
      };
      const text = await take<string>(
        api.GET("/transactions/{payment_id}/timeline", { params, signal, parseAs: "text" }) as never,
      );
      return parseExact(text) as unknown as Page<TimelineEntry>;
    },
    getNextPageParam: (page) => page.next_cursor,
  });
  // The first page of the list repeats what the detail has; an entry is shown once.
  const known = new Map(payment.timeline.map((entry) => [entry.audit_id, entry]));
  for (const page of query.data?.pages ?? [])
    for (const entry of page.items) known.set(entry.audit_id, entry);
  return {
    entries: [...known.values()],
    hasMore: wanted ? query.hasNextPage : payment.timeline.length >= FIRST_PAGE,
    loading: query.isFetching,
    problem: query.error,
    load: () => (wanted ? void query.fetchNextPage() : setWanted(true)),
  };
}

function Entry({ entry }: { entry: TimelineEntry }) {
  const [open, setOpen] = useState(false);
  const bodyId = useId();
  const known = entry.verdict === null ? undefined : VERDICTS[entry.verdict];
  const changed = entry.to_status !== null && entry.from_status !== entry.to_status;
  return (
    <li
      className={classes.entry}
      data-tone={known?.tone ?? "mute"}
      data-quiet={NOISE.has(entry.verdict) || undefined}
    >
      <span className={classes.dot} aria-hidden>
        <Glyph name={known?.glyph ?? "ring"} />
      </span>
      <div className={classes.content}>
        <div className={classes.head}>
          <button
            type="button"
            className={classes.toggle}
            aria-expanded={open}
            aria-controls={bodyId}
            onClick={() => setOpen(!open)}
          >
            <ChevronRight size={13} className={classes.chevron} data-open={open || undefined} aria-hidden />
            <strong>{entry.type ?? entry.action.replaceAll("_", " ")}</strong>
          </button>
          {entry.verdict !== null && <VerdictBadge verdict={entry.verdict} />}
          {entry.rejudged && <span className={classes.tag}>judged again</span>}
          <span className={classes.when}>
            <Time at={entry.recorded_at} />
          </span>
        </div>
        {entry.note !== null ? (
          <p className={classes.note}>{entry.note}</p>
        ) : (
          entry.reason !== null &&
          entry.reason !== "applied" && <p className={classes.reason}>{reasonText(entry.reason)}</p>
        )}
        {changed && entry.to_status !== null && (
          <p className={classes.status}>
            {entry.from_status !== null && <StatusBadge status={entry.from_status} />}
            <ArrowRight size={12} aria-label="became" />
            <StatusBadge status={entry.to_status} />
          </p>
        )}
        {open && (
          <div id={bodyId} className={classes.more}>
            <EntryFacts entry={entry} />
          </div>
        )}
      </div>
    </li>
  );
}

function EntryFacts({ entry }: { entry: TimelineEntry }) {
  return (
    <>
      <dl className={classes.facts}>
        <Row label="Event id" value={entry.event_id} copy />
        <Row label="Source" value={entry.source} />
        <Row label="By" value={entry.actor} />
        <Row label="Reason" value={entry.reason} copy />
        <Row label="Correlation id" value={entry.correlation_id} copy />
        <Row label="Version" value={entry.version === null ? null : String(entry.version)} />
        {entry.occurred_at !== null && (
          <>
            <dt>Occurred</dt>
            <dd>
              <Time at={entry.occurred_at} as="milliseconds" />
            </dd>
          </>
        )}
        <dt>Recorded</dt>
        <dd>
          <Time at={entry.recorded_at} as="milliseconds" />
        </dd>
        <dt>Audit entry</dt>
        <dd>
          <Link to={links.auditEntry(entry.audit_id)}>{entry.audit_id}</Link>
        </dd>
      </dl>
      {entry.payload !== null && <JsonView value={entry.payload} label="what was delivered" />}
    </>
  );
}

function Row({ label, value, copy }: { label: string; value: string | null; copy?: boolean }) {
  if (value === null) return null;
  return (
    <>
      <dt>{label}</dt>
      <dd>
        <code>{value}</code>
        {copy && <CopyButton value={value} label={`Copy: ${label}`} />}
      </dd>
    </>
  );
}
