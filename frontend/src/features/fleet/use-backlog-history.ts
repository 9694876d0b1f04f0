import { useRef, useState } from "react";
import type { MetricsTick } from "@/api/stream-messages";
import { useStreamMessage } from "@/api/use-stream";
import type { ChartData } from "@/ui/chart/chart";

/** Ten minutes of ticks, one a second. */
const TICKS_MAX = 600;

/** What the stream told of the backlog since this page was opened; null before the first word. */
export function useBacklogHistory(): ChartData | null {
  const ticks = useRef<MetricsTick[]>([]);
  const [data, setData] = useState<ChartData | null>(null);
  useStreamMessage("metrics", "metrics.tick", ({ data: tick }) => {
    ticks.current = [...ticks.current, tick].slice(-TICKS_MAX);
    setData({
      times: ticks.current.map((each) => Date.parse(each.at) / 1_000),
      series: [
        {
          label: "Waiting",
          color: "--pf-info",
          area: true,
          values: ticks.current.map((each) => each.backlog_visible),
        },
        { label: "In flight", color: "--pf-violet", values: ticks.current.map((each) => each.in_flight) },
      ],
    });
  });
  return data;
}
