import { queryOptions } from "@tanstack/react-query";
import { api, take } from "@/api/client";
import { randomId } from "@/api/identifiers";
import { pollEvery } from "@/api/live";
import type { Reply } from "@/api/types";

export type Fleet = Reply<"/fleet">;
export type FleetState = Fleet["state"];
/** All limits, whether set or not. */
export type FleetLimits = Required<Fleet["limits"]>;
export type Worker = Fleet["workers"][number];
export type Queue = Reply<"/queue">;
export type Order = "pause" | "resume" | "drain";

/** What the answer leaves out is no limit. */
export function limitsOf({ limits }: Fleet): FleetLimits {
  return { rate_per_s: null, batch_size_max: null, concurrency_max: null, merchants: {}, ...limits };
}

export const FLEET_KEY = ["fleet"] as const;

const POLL_MS = 4_000;

export function fleetOptions() {
  return queryOptions({
    queryKey: [...FLEET_KEY, "state"],
    queryFn: ({ signal }) => take(api.GET("/fleet", { signal })),
    refetchInterval: pollEvery(POLL_MS),
  });
}

export function queueOptions() {
  return queryOptions({
    queryKey: [...FLEET_KEY, "queue"],
    queryFn: ({ signal }) => take(api.GET("/queue", { signal })),
    refetchInterval: pollEvery(POLL_MS),
  });
}

/** Gives an order to the whole fleet, or to one worker by name. */
export function give(order: Order, workerId: string | null, note: string): Promise<Fleet> {
  const params = { header: { "Idempotency-Key": randomId() } };
  const body = {
    ...(workerId === null ? {} : { worker_id: workerId }),
    ...(note.trim() === "" ? {} : { note: note.trim() }),
  };
  switch (order) {
    case "pause":
      return take(api.POST("/fleet/pause", { params, body }));
    case "resume":
      return take(api.POST("/fleet/resume", { params, body }));
    case "drain":
      return take(api.POST("/fleet/drain", { params, body }));
  }
}

export function setLimits(limits: FleetLimits): Promise<Fleet> {
  return take(
    api.PUT("/fleet/limits", { params: { header: { "Idempotency-Key": randomId() } }, body: limits }),
  );
}
