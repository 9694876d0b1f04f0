import { queryOptions } from "@tanstack/react-query";
import { api, take } from "@/api/client";
import { pollEvery } from "@/api/live";
import type { Reply } from "@/api/types";

export type Health = Reply<"/health">;
export type Dependency = Health["dependencies"][string];

const POLL_MS = 5_000;

/** How the API and what it depends on are; with the moment at which this browser asked, to compare the clocks. */
export function healthOptions() {
  return queryOptions({
    queryKey: ["health"],
    queryFn: async ({ signal }) => {
      const askedAt = Date.now();
      const health = await take(api.GET("/health", { signal }));
      return { health, askedAt, answeredAt: Date.now() };
    },
    refetchInterval: pollEvery(POLL_MS),
  });
}

/** By how much the server's clock is ahead of this browser's, in ms; half the call's time is taken off. */
export function aheadMs(serverTime: string, askedAt: number, answeredAt: number): number {
  return Date.parse(serverTime) - (askedAt + answeredAt) / 2;
}
