import type { Alert } from "./types";

export interface PaymentChanged {
  payment_id: string;
  merchant_id: string | null;
  status: string;
  dispute_status: string;
  version: number;
  amount_minor: number;
  captured_minor: number;
  refunded_minor: number;
  currency: string | null;
  exponent: number;
  verdict: string;
  updated_at: string;
}

export interface MetricsTick {
  at: string;
  received_per_s: number;
  applied_per_s: number;
  duplicates_per_s: number;
  refused_per_s: number;
  lag_p50_ms: number | null;
  lag_p95_ms: number | null;
  lag_p99_ms: number | null;
  backlog_visible: number | null;
  in_flight: number | null;
  alerts_open: number;
  workers_alive: number;
}

/** What the server says over the stream. `id` is where a later connection may resume. */
export type StreamMessage =
  | { type: "hello"; data: { resumed: boolean; last_id: string | null } }
  | { type: "heartbeat" }
  | { type: "lagging"; data: { dropped: number } }
  | { type: "payment.changed"; id?: string; at: string; data: PaymentChanged }
  | { type: "alert.created"; id?: string; at: string; data: Alert }
  | { type: "alert.changed"; id?: string; at: string; data: Alert }
  | { type: "metrics.tick"; id?: string; at: string; data: MetricsTick };

export type Topic = "payments" | "alerts" | "metrics";
export type MessageType = StreamMessage["type"];
export type MessageOf<T extends MessageType> = Extract<StreamMessage, { type: T }>;

export function parseMessage(text: unknown): StreamMessage | null {
  if (typeof text !== "string") return null;
  try {
    const message = JSON.parse(text) as { type?: unknown };
    return typeof message.type === "string" ? (message as StreamMessage) : null;
  } catch {
    return null;
  }
}
