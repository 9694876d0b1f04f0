import { useTicks } from "@/api/ticks";
import { Chart } from "@/ui/chart/chart";

const whole = (value: number) => Math.round(value).toLocaleString("en-US");

/** The backlog while one looks: whether an order or a limit helps shows within seconds. */
export function BacklogChart() {
  const ticks = useTicks();
  if (ticks.length < 2) return null;
  const data = {
    times: ticks.map((tick) => Date.parse(tick.at) / 1_000),
    series: [
      { label: "Waiting", color: "--pf-info", area: true, values: ticks.map((tick) => tick.backlog_visible) },
      { label: "In flight", color: "--pf-violet", values: ticks.map((tick) => tick.in_flight) },
    ],
  };
  return <Chart title="Backlog, last minutes" data={data} format={whole} height={150} />;
}
