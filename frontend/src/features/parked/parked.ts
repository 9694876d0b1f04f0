import { queryOptions } from "@tanstack/react-query";
import { api, take } from "@/api/client";
import { parseExact } from "@/api/exact-json";
import { randomId } from "@/api/identifiers";
import type { Item, Page, Query, Reply } from "@/api/types";

export type ParkedQuery = Query<"/parked">;
export type ParkedFact = Item<"/parked">;
export type ParkedDetail = Reply<"/parked/{payment_id}/{source}/{event_id}">;

/** What names a parked fact. */
export interface FactKey {
  payment_id: string;
  source: string;
  event_id: string;
}

export const PARKED_KEY = ["parked"] as const;

/** The three parts in one text, as the URL has it; none of them can be mistaken for another. */
export function keyText({ payment_id, source, event_id }: FactKey): string {
  return [payment_id, source, event_id].map(encodeURIComponent).join("/");
}

export function keyOf(text: string): FactKey {
  const [payment_id = "", source = "", event_id = ""] = text.split("/").map(decodeURIComponent);
  return { payment_id, source, event_id };
}

export function fetchParked(query: ParkedQuery, signal: AbortSignal): Promise<Page<ParkedFact>> {
  return take(api.GET("/parked", { params: { query }, signal }));
}

export function factOptions(key: FactKey) {
  return queryOptions({
    queryKey: [...PARKED_KEY, "one", keyText(key)],
    queryFn: async ({ signal }) => {
      const params = { path: key };
      const text = await take(
        api.GET("/parked/{payment_id}/{source}/{event_id}", { params, parseAs: "text", signal }),
      );
      // A payload may hold numbers that a JavaScript number would change.
      return parseExact(text) as unknown as ParkedDetail;
    },
  });
}

function written(key: FactKey) {
  return { path: key, header: { "Idempotency-Key": randomId() } };
}

export async function discardFact(key: FactKey, note: string): Promise<void> {
  await take(
    api.POST("/parked/{payment_id}/{source}/{event_id}/discard", {
      params: written(key),
      body: { note: note.trim() },
    }),
  );
}

export async function linkFact(key: FactKey, toPaymentId: string, note: string): Promise<void> {
  await take(
    api.POST("/parked/{payment_id}/{source}/{event_id}/link", {
      params: written(key),
      body: { to_payment_id: toPaymentId.trim(), note: note.trim() },
    }),
  );
}
