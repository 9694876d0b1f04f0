import { Badge } from "@/ui/badges/badges";
import { Code } from "@/ui/copy/identifier";
import { defineList } from "@/ui/list/definition";
import type { Preset } from "@/ui/list/presets";
import { Time } from "@/ui/time/time";
import { CLASSES, reasonWords, STATUSES } from "./classes";
import type { Letter, LettersQuery } from "./dead-letters";

export function LetterStatus({ status }: { status: Letter["status"] }) {
  const { label, tone, glyph } = STATUSES[status];
  return (
    <Badge tone={tone} glyph={glyph}>
      {label}
    </Badge>
  );
}

export const lettersList = defineList<LettersQuery>()<Letter>({
  name: "dead_letters",
  words: "text",
  fields: {
    status: {
      kind: "choice",
      label: "Status",
      many: false,
      choices: [
        ...Object.entries(STATUSES).map(([value, { label }]) => ({ value, label })),
        { value: "any", label: "Any" },
      ],
    },
    class: {
      kind: "choice",
      label: "Class",
      many: false,
      choices: Object.entries(CLASSES).map(([value, { label }]) => ({ value, label })),
    },
    reason: { kind: "text", label: "Reason", placeholder: "unknown_currency" },
    source: { kind: "text", label: "Source", placeholder: "adyen" },
    payment_id: { kind: "text", label: "Payment", placeholder: "pay_…" },
    since: { kind: "time", label: "Recorded from", end: "from", pair: "recorded" },
    until: { kind: "time", label: "Recorded to", end: "to", pair: "recorded" },
    text: { kind: "text", label: "Words in the rule or the body" },
  },
  sorts: [],
  defaultSort: "",
  columns: [
    {
      id: "reason",
      label: "What is wrong",
      initial: true,
      rank: 1,
      cell: (letter) => `${CLASSES[letter.class].label}: ${reasonWords(letter.reason)}`,
      text: (letter) => `${letter.class} ${letter.reason}`,
    },
    {
      id: "path",
      label: "At",
      initial: true,
      rank: 3,
      cell: (letter) => (letter.path === null ? null : <Code>{letter.path}</Code>),
      text: (letter) => letter.path ?? "",
    },
    {
      id: "source",
      label: "Source",
      initial: true,
      rank: 2,
      cell: (letter) => letter.source,
      text: (letter) => letter.source ?? "",
    },
    {
      id: "payment_id",
      label: "Payment",
      initial: true,
      rank: 2,
      cell: (letter) => (letter.payment_id === null ? null : <Code>{letter.payment_id}</Code>),
      text: (letter) => letter.payment_id ?? "",
    },
    {
      id: "event_id",
      label: "Event",
      initial: false,
      rank: 3,
      cell: (letter) => (letter.event_id === null ? null : <Code>{letter.event_id}</Code>),
      text: (letter) => letter.event_id ?? "",
    },
    {
      id: "receives",
      label: "Receives",
      initial: false,
      rank: 3,
      align: "end",
      cell: (letter) => letter.receive_count,
      text: (letter) => String(letter.receive_count),
    },
    {
      id: "status",
      label: "Status",
      initial: true,
      rank: 2,
      cell: (letter) => <LetterStatus status={letter.status} />,
      text: (letter) => letter.status,
    },
    {
      id: "recorded_at",
      label: "Recorded",
      initial: true,
      rank: 1,
      align: "end",
      cell: (letter) => <Time at={letter.recorded_at} />,
      text: (letter) => letter.recorded_at,
    },
  ],
});

/** Open ones are what the list shows when it is not asked for others. */
export const LETTER_PRESETS: readonly Preset[] = [
  { name: "Open", filters: {} },
  { name: "Malformed", filters: { class: ["malformed"] } },
  { name: "Conflicts", filters: { class: ["conflict"] } },
  { name: "Impossible", filters: { class: ["impossible"] } },
  { name: "Exhausted", filters: { class: ["exhausted"] } },
  { name: "Orphaned", filters: { class: ["orphaned"] } },
  { name: "Replayed, 7 d", filters: { status: ["replayed"], since: ["-7d"] } },
  { name: "Discarded, 7 d", filters: { status: ["discarded"], since: ["-7d"] } },
];
