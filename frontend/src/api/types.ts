import type { paths } from "./schema";

type Method = "get" | "post" | "put" | "patch" | "delete";
type Operation<P extends keyof paths, M extends Method> = paths[P] extends Record<M, infer O> ? O : never;
type Json<R> = R extends { content: { "application/json": infer B } } ? B : never;

/** The successful body of an operation, named by path, so that the names of the server's classes stay its own. */
export type Reply<P extends keyof paths, M extends Method = "get"> =
  Operation<P, M> extends { responses: infer R } ? Json<R[Extract<keyof R, 200 | 201 | 202>]> : never;

/** The query of an operation. */
export type Query<P extends keyof paths, M extends Method = "get"> =
  Operation<P, M> extends { parameters: { query?: infer Q } } ? NonNullable<Q> : never;

/** What an operation takes. */
export type Body<P extends keyof paths, M extends Method> =
  Operation<P, M> extends { requestBody?: infer B } ? Json<NonNullable<B>> : never;

/** One row of a list. */
export type Item<P extends keyof paths> = Reply<P> extends { items: (infer I)[] } ? I : never;

export interface Page<Row> {
  items: Row[];
  next_cursor: string | null;
  prev_cursor: string | null;
  count: { value: number; capped: boolean } | null;
}

export type TransactionRow = Item<"/transactions">;
export type TransactionDetail = Reply<"/transactions/{payment_id}">;
export type Sums = TransactionRow["sums"];
export type TimelineEntry = TransactionDetail["timeline"][number];
export type PaymentOperation = TransactionDetail["operations"][number];
export type PaymentStatus = TransactionRow["status"];
export type DisputeStatus = TransactionRow["dispute_status"];
export type CommandOutcome = Reply<"/transactions/{payment_id}/refund", "post">;
export type CommandKind = CommandOutcome["allowed_commands"][number];
export type Alert = Item<"/alerts">;
export type AlertBrief = TransactionDetail["alerts"][number];
export type Dashboard = Reply<"/dashboard">;
export type Role = Reply<"/users/me">["role"];
export type Preferences = Reply<"/users/me">["preferences"];
