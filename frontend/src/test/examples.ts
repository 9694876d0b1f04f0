import type { Me } from "@/api/session";
import type { Dashboard, TimelineEntry, TransactionDetail, TransactionRow } from "@/api/types";

export const ME: Me = {
  user_id: "7",
  email: "dana@payflow.test",
  name: "Dana Okafor",
  role: "operator",
  preferences: {
    theme: "light",
    density: "comfortable",
    time_zone: "Europe/Berlin",
    notifications: { alerts_min_severity: "high", sound: false },
    columns: {},
  },
};

const NO_SUMS: TransactionRow["sums"] = {
  authorized_minor: 0,
  released_minor: 0,
  captured_minor: 0,
  capture_failed_minor: 0,
  refunded_minor: 0,
  disputed_minor: 0,
  capture_pending_minor: 0,
  refund_pending_minor: 0,
  release_pending_minor: 0,
  capturable_minor: 0,
  refundable_minor: 0,
  over_returned_minor: 0,
};

/** A captured payment of 68.95 EUR, as far as a test does not say otherwise. */
export function payment(id: string, more: Partial<TransactionRow> = {}): TransactionRow {
  return {
    payment_id: id,
    merchant_id: "northwind",
    source: "stripe",
    currency: "EUR",
    exponent: 2,
    amount_minor: 6895,
    status: "captured",
    dispute_status: "none",
    sums: { ...NO_SUMS, authorized_minor: 6895, captured_minor: 6895, refundable_minor: 6895 },
    version: 3,
    metadata: null,
    created_at: "2026-11-24T10:00:00.123Z",
    updated_at: "2026-11-24T10:05:00.000Z",
    archived: false,
    open_alerts: 0,
    ...more,
  };
}

export function delivery(id: string, more: Partial<TimelineEntry> = {}): TimelineEntry {
  return {
    audit_id: id,
    action: "event",
    source: "stripe",
    event_id: `evt_${id}`,
    type: "capture.succeeded",
    verdict: "apply",
    reason: "applied",
    from_status: "authorized",
    to_status: "captured",
    version: 2,
    actor: "worker:w1",
    correlation_id: null,
    occurred_at: "2026-11-24T10:00:01.000Z",
    recorded_at: "2026-11-24T10:00:02.000Z",
    rejudged: false,
    note: null,
    payload: null,
    ...more,
  };
}

export function detail(id: string, more: Partial<TransactionDetail> = {}): TransactionDetail {
  return {
    ...payment(id),
    operations: [],
    timeline: [],
    parked: [],
    alerts: [],
    dead_letters: [],
    commands: [],
    allowed_commands: ["refund"],
    refusals: {
      capture: "Nothing is left to capture.",
      void: "Nothing is left to void.",
      cancel: "It was attempted.",
    },
    ...more,
  };
}

export function dashboard(more: Partial<Dashboard> = {}): Dashboard {
  const line = (value: number): [number, number][] => [
    [1795514400, value],
    [1795514460, value * 2],
  ];
  return {
    window: "1h",
    step_s: 60,
    from: "2026-11-24T09:02:00Z",
    to: "2026-11-24T10:02:00Z",
    series: {
      received: line(900),
      applied: line(800),
      duplicates: line(40),
      premature: line(20),
      refused: line(2),
    },
    lag_ms: { p50: line(9), p95: line(28), p99: line(61) },
    verdicts: { apply: 900, duplicate: 99, conflict: 1 },
    statuses: { captured: 70, failed: 30 },
    amounts: [
      { currency: "JPY", exponent: 0, captured_minor: 1234567, refunded_minor: 0, disputed_minor: 0 },
    ],
    alerts: { open: { info: 0, warning: 2, high: 0, critical: 1 }, recent: [] },
    backlog: { visible: 12, in_flight: 3, dead_letters_open: 4, parked: 5 },
    ...more,
  } as Dashboard;
}
