import type { Alert } from "@/api/types";
import {
  ALERT_STATUSES,
  AlertStatusBadge,
  choicesOf,
  SEVERITIES,
  SeverityBadge,
  VerdictBadge,
} from "@/ui/badges/badges";
import { Code } from "@/ui/copy/identifier";
import { defineList } from "@/ui/list/definition";
import type { Preset } from "@/ui/list/presets";
import { Time } from "@/ui/time/time";
import type { AlertQuery } from "./alerts";

export const ALERT_LIST = defineList<AlertQuery>()<Alert>({
  name: "alerts",
  fields: {
    status: { kind: "choice", label: "Status", many: true, choices: choicesOf(ALERT_STATUSES) },
    severity: { kind: "choice", label: "Severity", many: true, choices: choicesOf(SEVERITIES) },
    assignee: { kind: "text", label: "Assignee", placeholder: "me, none or a user id" },
    rule: { kind: "text", label: "Rule", placeholder: "high_value" },
    payment_id: { kind: "text", label: "Payment", placeholder: "pay_…" },
    created_from: { kind: "time", label: "Created from", end: "from", pair: "created" },
    created_to: { kind: "time", label: "Created to", end: "to", pair: "created" },
    text: { kind: "text", label: "Words in title or description" },
  },
  words: "text",
  sorts: ["created_at", "severity"],
  defaultSort: "-created_at",
  columns: [
    {
      id: "title",
      label: "Alert",
      cell: (alert) => alert.title,
      text: (alert) => alert.title,
      initial: true,
      rank: 1,
    },
    {
      id: "severity",
      label: "Severity",
      cell: (alert) => <SeverityBadge severity={alert.severity} />,
      text: (alert) => alert.severity,
      sort: "severity",
      initial: true,
      rank: 1,
    },
    {
      id: "status",
      label: "Status",
      cell: (alert) => <AlertStatusBadge status={alert.status} />,
      text: (alert) => alert.status,
      initial: true,
      rank: 2,
    },
    {
      id: "payment_id",
      label: "Payment",
      cell: (alert) => (alert.payment_id === null ? null : <Code>{alert.payment_id}</Code>),
      text: (alert) => alert.payment_id ?? "",
      initial: true,
      rank: 2,
    },
    {
      id: "merchant_id",
      label: "Merchant",
      cell: (alert) => (alert.merchant_id === null ? null : <Code>{alert.merchant_id}</Code>),
      text: (alert) => alert.merchant_id ?? "",
      initial: true,
      rank: 3,
    },
    {
      id: "verdict",
      label: "Verdict",
      cell: (alert) => (alert.verdict === null ? null : <VerdictBadge verdict={alert.verdict} />),
      text: (alert) => alert.verdict ?? "",
      initial: false,
      rank: 3,
    },
    {
      id: "assignee",
      label: "Assignee",
      cell: (alert) => alert.assignee?.name ?? null,
      text: (alert) => alert.assignee?.name ?? "",
      initial: true,
      rank: 3,
    },
    {
      id: "created_at",
      label: "Created",
      cell: (alert) => <Time at={alert.created_at} />,
      text: (alert) => alert.created_at,
      sort: "created_at",
      initial: true,
      rank: 1,
    },
    {
      id: "updated_at",
      label: "Changed",
      cell: (alert) => <Time at={alert.updated_at} />,
      text: (alert) => alert.updated_at,
      initial: false,
      rank: 3,
    },
  ],
});

export const ALERT_PRESETS: readonly Preset[] = [
  { name: "To triage", filters: { status: ["open"] } },
  { name: "Mine", filters: { status: ["open", "acknowledged"], assignee: ["me"] } },
  { name: "Nobody's", filters: { status: ["open", "acknowledged"], assignee: ["none"] } },
  { name: "Critical", filters: { status: ["open", "acknowledged"], severity: ["critical"] } },
  { name: "Snoozed", filters: { status: ["snoozed"] } },
  { name: "Resolved, 7 d", filters: { status: ["resolved"], created_from: ["-7d"] } },
  { name: "All", filters: {} },
];
