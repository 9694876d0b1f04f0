import { useTicks } from "@/api/ticks";
import { links } from "@/ui/links/links";

/** The figures beside the navigation's entries, by path; from the stream's tick, so they cost no call. */
export function useNavCounts(): Record<string, number> {
  return { [links.alerts()]: useTicks().at(-1)?.alerts_open ?? 0 };
}
