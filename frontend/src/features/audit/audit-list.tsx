import { choicesOf, StatusBadge, VERDICTS, VerdictBadge } from "@/ui/badges/badges";
import { Code } from "@/ui/copy/identifier";
import { defineList } from "@/ui/list/definition";
import type { Preset } from "@/ui/list/presets";
import { Time } from "@/ui/time/time";
import { actionWords, actorWords, type TrailEntry } from "@/ui/trail/trail";
import type { AuditQuery } from "./audit";

export const SUBJECT_KINDS: Readonly<Record<string, string>> = {
  payment: "Payment",
  alert: "Alert",
  rule: "Rule",
  user: "User",
  session: "Session",
  dead_letter: "Dead letter",
  parked_fact: "Parked fact",
  fleet: "Fleet",
};

export function kindLabel(kind: string): string {
  return SUBJECT_KINDS[kind] ?? kind;
}

export const AUDIT_LIST = defineList<AuditQuery>()<TrailEntry>({
  name: "audit",
  fields: {
    payment_id: { kind: "text", label: "Payment", placeholder: "pay_…" },
    actor: { kind: "text", label: "Actor", placeholder: "user:ada@example.com" },
    action: { kind: "text", label: "Action", placeholder: "alert.acknowledged" },
    verdict: { kind: "choice", label: "Verdict", many: false, choices: choicesOf(VERDICTS) },
    subject_kind: {
      kind: "choice",
      label: "About",
      many: false,
      choices: Object.entries(SUBJECT_KINDS).map(([value, label]) => ({ value, label })),
    },
    subject_id: { kind: "text", label: "Id of what it is about" },
    source: { kind: "text", label: "Source", placeholder: "adyen" },
    from: { kind: "time", label: "Recorded from", end: "from", pair: "recorded" },
    to: { kind: "time", label: "Recorded to", end: "to", pair: "recorded" },
    operators_only: { kind: "flag", label: "Only what operators did" },
  },
  words: "payment_id",
  sorts: [],
  defaultSort: "",
  columns: [
    {
      id: "recorded_at",
      label: "Recorded",
      cell: (entry) => <Time at={entry.recorded_at} />,
      text: (entry) => entry.recorded_at,
      initial: true,
      rank: 1,
    },
    {
      id: "action",
      label: "Action",
      cell: (entry) => (entry.type === null ? actionWords(entry.action) : <Code>{entry.type}</Code>),
      text: (entry) => entry.type ?? entry.action,
      initial: true,
      rank: 1,
    },
    {
      id: "verdict",
      label: "Verdict",
      cell: (entry) => (entry.verdict === null ? null : <VerdictBadge verdict={entry.verdict} />),
      text: (entry) => entry.verdict ?? "",
      initial: true,
      rank: 2,
    },
    {
      id: "subject",
      label: "About",
      cell: (entry) => (
        <>
          {kindLabel(entry.subject_kind)} <Code>{entry.subject_id}</Code>
        </>
      ),
      text: (entry) => `${entry.subject_kind} ${entry.subject_id}`,
      initial: true,
      rank: 2,
    },
    {
      id: "reason",
      label: "Reason or note",
      cell: (entry) => entry.note ?? entry.reason?.replaceAll("_", " ") ?? null,
      text: (entry) => entry.note ?? entry.reason ?? "",
      initial: true,
      rank: 3,
    },
    {
      id: "status",
      label: "Status after",
      cell: (entry) => (entry.to_status === null ? null : <StatusBadge status={entry.to_status} />),
      text: (entry) => entry.to_status ?? "",
      initial: false,
      rank: 3,
    },
    {
      id: "source",
      label: "Source",
      cell: (entry) => entry.source,
      text: (entry) => entry.source ?? "",
      initial: false,
      rank: 3,
    },
    {
      id: "actor",
      label: "Actor",
      cell: (entry) => actorWords(entry.actor),
      text: (entry) => entry.actor,
      initial: true,
      rank: 3,
    },
    {
      id: "correlation_id",
      label: "Correlation",
      cell: (entry) => (entry.correlation_id === null ? null : <Code>{entry.correlation_id}</Code>),
      text: (entry) => entry.correlation_id ?? "",
      initial: false,
      rank: 3,
    },
  ],
});

/** Spans before now, so that a preset stays true when its link is opened tomorrow. */
export const AUDIT_PRESETS: readonly Preset[] = [
  { name: "Everything", filters: {} },
  { name: "By operators, 24 h", filters: { operators_only: ["true"], from: ["-24h"] } },
  { name: "Conflicts, 7 d", filters: { verdict: ["conflict"], from: ["-7d"] } },
  { name: "Impossible, 7 d", filters: { verdict: ["impossible"], from: ["-7d"] } },
  { name: "Alerts, 24 h", filters: { subject_kind: ["alert"], from: ["-24h"] } },
  { name: "Rules, 30 d", filters: { subject_kind: ["rule"], from: ["-30d"] } },
  { name: "Users and roles, 30 d", filters: { subject_kind: ["user"], from: ["-30d"] } },
  { name: "Fleet, 7 d", filters: { subject_kind: ["fleet"], from: ["-7d"] } },
];
