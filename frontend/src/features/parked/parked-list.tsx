import { Code } from "@/ui/copy/identifier";
import { defineList } from "@/ui/list/definition";
import type { Preset } from "@/ui/list/presets";
import { Amount } from "@/ui/money/amount";
import { plainMinor } from "@/ui/money/money";
import { Time } from "@/ui/time/time";
import { Deadline } from "./deadline";
import type { ParkedFact, ParkedQuery } from "./parked";

export const parkedList = defineList<ParkedQuery>()<ParkedFact>({
  name: "parked",
  words: "payment_id",
  fields: {
    payment_id: { kind: "text", label: "Payment", placeholder: "pay_…" },
    source: { kind: "text", label: "Source", placeholder: "adyen" },
    reason: { kind: "text", label: "Reason", placeholder: "authorization_unknown" },
    parked_before: { kind: "time", label: "Parked to", end: "to", pair: "parked" },
  },
  sorts: [],
  defaultSort: "",
  columns: [
    {
      id: "payment_id",
      label: "Payment",
      initial: true,
      rank: 1,
      cell: (fact) => <Code>{fact.payment_id}</Code>,
      text: (fact) => fact.payment_id,
    },
    {
      id: "kind",
      label: "Fact",
      initial: true,
      rank: 2,
      cell: (fact) => fact.type,
      text: (fact) => fact.type,
    },
    {
      id: "amount",
      label: "Amount",
      initial: true,
      rank: 3,
      align: "end",
      cell: (fact) =>
        fact.amount_minor === null ? null : (
          <Amount minor={fact.amount_minor} currency={fact.currency} exponent={fact.exponent ?? 0} />
        ),
      text: (fact) => (fact.amount_minor === null ? "" : plainMinor(fact.amount_minor, fact.exponent ?? 0)),
    },
    {
      id: "needs",
      label: "Waits for",
      initial: true,
      rank: 3,
      cell: (fact) => fact.waiting_for,
      text: (fact) => fact.waiting_for,
    },
    {
      id: "source",
      label: "Source",
      initial: true,
      rank: 3,
      cell: (fact) => fact.source,
      text: (fact) => fact.source,
    },
    {
      id: "event_id",
      label: "Event",
      initial: false,
      rank: 3,
      cell: (fact) => <Code>{fact.event_id}</Code>,
      text: (fact) => fact.event_id,
    },
    {
      id: "parked_at",
      label: "Waits since",
      initial: true,
      rank: 1,
      align: "end",
      cell: (fact) => <Time at={fact.parked_at} as="relative" />,
      text: (fact) => fact.parked_at,
    },
    {
      id: "deadline_at",
      label: "Gives up",
      initial: true,
      rank: 1,
      align: "end",
      cell: (fact) => <Deadline at={fact.deadline_at} />,
      text: (fact) => fact.deadline_at,
    },
  ],
});

export const PARKED_PRESETS: readonly Preset[] = [
  { name: "All", filters: {} },
  { name: "Over 1 h", filters: { parked_before: ["-1h"] } },
  { name: "Over 1 d", filters: { parked_before: ["-1d"] } },
];
