import { useState } from "react";
import { useStreamMessage } from "@/api/use-stream";
import { links } from "@/ui/links/links";

/** The figures beside the navigation's entries, by path; from the stream's tick, so they cost no call. */
export function useNavCounts(): Record<string, number> {
  const [alerts, setAlerts] = useState(0);
  useStreamMessage("metrics", "metrics.tick", (message) => setAlerts(message.data.alerts_open));
  return { [links.alerts()]: alerts };
}
