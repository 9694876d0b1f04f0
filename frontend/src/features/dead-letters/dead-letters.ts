import { queryOptions } from "@tanstack/react-query";
import { api, take } from "@/api/client";
import { randomId } from "@/api/identifiers";
import { pollEvery } from "@/api/live";
import type { Item, Page, Query, Reply } from "@/api/types";

export type LettersQuery = Query<"/dead-letters">;
export type Letter = Item<"/dead-letters">;
export type LetterDetail = Reply<"/dead-letters/{dead_letter_id}">;
export type LetterClass = Letter["class"];
export type LetterGroup = Reply<"/dead-letters/groups">["groups"][number];
export type GroupsQuery = Query<"/dead-letters/groups">;
export type Rehearsal = Reply<"/dead-letters/replay", "post">;
/** A replay that was ordered; it goes on by itself, whoever closes the page. */
export type Replay = Reply<"/dead-letters/replays/{replay_id}">;

/** Which letters an action is about: by name, or all that a filter selects. */
export type LetterFilter = Omit<LettersQuery, "limit" | "cursor" | "count">;
export type Chosen = { ids: string[] } | { filter: LetterFilter };

export const LETTERS_KEY = ["dead-letters"] as const;

const REPLAYS_MAX = 5;
const REPLAYS_POLL_MS = 1_000;

export function fetchLetters(query: LettersQuery, signal: AbortSignal): Promise<Page<Letter>> {
  return take(api.GET("/dead-letters", { params: { query }, signal }));
}

export function letterOptions(letterId: string) {
  return queryOptions({
    queryKey: [...LETTERS_KEY, "one", letterId],
    queryFn: ({ signal }) =>
      take(
        api.GET("/dead-letters/{dead_letter_id}", { params: { path: { dead_letter_id: letterId } }, signal }),
      ),
  });
}

export function groupsOptions(query: GroupsQuery) {
  return queryOptions({
    queryKey: [...LETTERS_KEY, "groups", query],
    queryFn: ({ signal }) => take(api.GET("/dead-letters/groups", { params: { query }, signal })),
  });
}

/** What replaying would do. Nothing is written: the server judges, and takes everything back. */
export function rehearse(chosen: Chosen, signal: AbortSignal): Promise<Rehearsal> {
  const params = { header: { "Idempotency-Key": randomId() } };
  return take(api.POST("/dead-letters/replay", { params, body: { ...chosen, dry_run: true }, signal }));
}

export function order(chosen: Chosen, ratePerS: number, note: string): Promise<Rehearsal> {
  const params = { header: { "Idempotency-Key": randomId() } };
  const noted = note.trim() === "" ? {} : { note: note.trim() };
  const body = { ...chosen, ...noted, dry_run: false, rate_per_s: ratePerS };
  return take(api.POST("/dead-letters/replay", { params, body }));
}

export function replaysOptions() {
  return queryOptions({
    queryKey: [...LETTERS_KEY, "replays"],
    queryFn: ({ signal }) =>
      take(api.GET("/dead-letters/replays", { params: { query: { limit: REPLAYS_MAX } }, signal })),
    // Only while one is under way; otherwise nothing can change but by an order from here, which asks anew.
    refetchInterval: (query) =>
      query.state.data?.items.some(isUnderWay) ? pollEvery(REPLAYS_POLL_MS)() : false,
  });
}

export function isUnderWay({ state }: Pick<Replay, "state">): boolean {
  return state === "waiting" || state === "running" || state === "stopping";
}

export function stop(replayId: string): Promise<Replay> {
  const params = { path: { replay_id: replayId }, header: { "Idempotency-Key": randomId() } };
  return take(api.POST("/dead-letters/replays/{replay_id}/stop", { params }));
}

export function discard(ids: string[], note: string): Promise<{ discarded: number }> {
  const params = { header: { "Idempotency-Key": randomId() } };
  return take(api.POST("/dead-letters/discard", { params, body: { ids, note: note.trim() } }));
}
