import { Store, useStore } from "./store";
import { stream } from "./stream";
import type { MetricsTick } from "./stream-messages";
import { useStreamMessage } from "./use-stream";

/** Five minutes of seconds. */
const TICKS_MAX = 300;

const ticks = new Store<readonly MetricsTick[]>([]);

// One listener for the whole console, so that a page that opens finds the seconds before it.
stream.on(null, "metrics.tick", ({ data }) => {
  const before = ticks.get();
  if (before.at(-1)?.at === data.at) return;
  ticks.set([...before.slice(1 - TICKS_MAX), data]);
});

/** The last seconds of the system, oldest first; asks the stream for them while mounted. */
export function useTicks(): readonly MetricsTick[] {
  useStreamMessage("metrics", "metrics.tick", ignore);
  return useStore(ticks);
}

function ignore(): void {
  // The listener above keeps the tick; this one only keeps the topic asked for.
}
