import { Chart } from "@/ui/chart/chart";
import { useBacklogHistory } from "./use-backlog-history";

const whole = (value: number) => Math.round(value).toLocaleString("en-US");

/** The backlog while one looks: whether an order or a limit helps shows within seconds. */
export function BacklogChart() {
  const data = useBacklogHistory();
  if (data === null || data.times.length < 2) return null;
  return <Chart title="Backlog since this page was opened" data={data} format={whole} height={150} />;
}
