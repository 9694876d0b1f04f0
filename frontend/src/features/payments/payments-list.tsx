import type { Query, TransactionRow } from "@/api/types";
import { choicesOf, DISPUTE_STATUSES, DisputeBadge, PAYMENT_STATUSES, StatusBadge } from "@/ui/badges/badges";
import { Code } from "@/ui/copy/identifier";
import { defineList } from "@/ui/list/definition";
import { Amount } from "@/ui/money/amount";
import { plainMinor } from "@/ui/money/money";
import { Time } from "@/ui/time/time";

export type TransactionsQuery = Query<"/transactions">;

const CURRENCIES = [
  "AUD",
  "BHD",
  "CAD",
  "CHF",
  "CLP",
  "CZK",
  "DKK",
  "EUR",
  "GBP",
  "HUF",
  "INR",
  "ISK",
  "JPY",
  "KRW",
  "KWD",
  "NOK",
  "NZD",
  "PLN",
  "SEK",
  "SGD",
  "USD",
];

type SumName = keyof TransactionRow["sums"];

function sum(row: TransactionRow, name: SumName) {
  return <Amount minor={row.sums[name]} currency={row.currency} exponent={row.exponent} />;
}

function sumText(row: TransactionRow, name: SumName): string {
  return plainMinor(row.sums[name], row.exponent);
}

function sumColumn(id: string, label: string, name: SumName, initial: boolean) {
  return {
    id,
    label,
    align: "end" as const,
    initial,
    rank: 3 as const,
    cell: (row: TransactionRow) => sum(row, name),
    text: (row: TransactionRow) => sumText(row, name),
  };
}

export const paymentsList = defineList<TransactionsQuery>()<TransactionRow>({
  name: "payments",
  words: "text",
  fields: {
    text: { kind: "text", label: "Payment id or metadata" },
    status: { kind: "choice", label: "Status", many: true, choices: choicesOf(PAYMENT_STATUSES) },
    dispute_status: { kind: "choice", label: "Dispute", many: true, choices: choicesOf(DISPUTE_STATUSES) },
    merchant_id: { kind: "text", label: "Merchant" },
    currency: {
      kind: "choice",
      label: "Currency",
      many: true,
      choices: CURRENCIES.map((code) => ({ value: code, label: code })),
    },
    amount_min_minor: { kind: "minor", label: "Amount at least", end: "min", pair: "amount" },
    amount_max_minor: { kind: "minor", label: "Amount at most", end: "max", pair: "amount" },
    created_from: { kind: "time", label: "Created from", end: "from", pair: "created" },
    created_to: { kind: "time", label: "Created to", end: "to", pair: "created" },
    source: { kind: "text", label: "Source" },
    archived: {
      kind: "choice",
      label: "Archived",
      many: false,
      choices: [
        { value: "false", label: "Not archived" },
        { value: "true", label: "Only archived" },
        { value: "all", label: "All" },
      ],
    },
  },
  sorts: ["created_at", "updated_at", "amount_minor"],
  defaultSort: "-created_at",
  columns: [
    {
      id: "payment_id",
      label: "Payment",
      initial: true,
      rank: 1,
      cell: (row) => <Code>{row.payment_id}</Code>,
      text: (row) => row.payment_id,
    },
    {
      id: "status",
      label: "Status",
      initial: true,
      rank: 1,
      cell: (row) => <StatusBadge status={row.status} />,
      text: (row) => row.status,
    },
    {
      id: "dispute",
      label: "Dispute",
      initial: true,
      rank: 3,
      cell: (row) => <DisputeBadge status={row.dispute_status} />,
      text: (row) => row.dispute_status,
    },
    {
      id: "amount",
      label: "Amount",
      initial: true,
      rank: 1,
      align: "end",
      sort: "amount_minor",
      cell: (row) => <Amount minor={row.amount_minor} currency={row.currency} exponent={row.exponent} />,
      text: (row) => plainMinor(row.amount_minor, row.exponent),
    },
    sumColumn("captured", "Captured", "captured_minor", true),
    sumColumn("refunded", "Refunded", "refunded_minor", true),
    sumColumn("disputed", "Disputed", "disputed_minor", false),
    sumColumn("capturable", "Capturable", "capturable_minor", false),
    sumColumn("refundable", "Refundable", "refundable_minor", false),
    {
      id: "currency",
      label: "Currency",
      initial: false,
      rank: 3,
      cell: (row) => row.currency,
      text: (row) => row.currency ?? "",
    },
    {
      id: "merchant",
      label: "Merchant",
      initial: true,
      rank: 2,
      cell: (row) => row.merchant_id ?? "–",
      text: (row) => row.merchant_id ?? "",
    },
    {
      id: "source",
      label: "Source",
      initial: false,
      rank: 3,
      cell: (row) => row.source ?? "–",
      text: (row) => row.source ?? "",
    },
    {
      id: "alerts",
      label: "Alerts",
      initial: true,
      rank: 3,
      align: "end",
      cell: (row) => (row.open_alerts > 0 ? row.open_alerts : ""),
      text: (row) => String(row.open_alerts),
    },
    {
      id: "created",
      label: "Created",
      initial: true,
      rank: 2,
      align: "end",
      sort: "created_at",
      cell: (row) => <Time at={row.created_at} />,
      text: (row) => row.created_at,
    },
    {
      id: "updated",
      label: "Updated",
      initial: false,
      rank: 3,
      align: "end",
      sort: "updated_at",
      cell: (row) => <Time at={row.updated_at} />,
      text: (row) => row.updated_at,
    },
  ],
});
