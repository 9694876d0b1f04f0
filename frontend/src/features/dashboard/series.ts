import type { MetricsTick } from "@/api/stream-messages";
import type { Dashboard } from "@/api/types";
import type { ChartData, ChartMark } from "@/ui/chart/chart";

type Points = readonly (readonly (number | null)[])[];

/** Series that share their times, as the server sends them; a series without a moment has a gap there. */
function joined(
  lines: readonly { label: string; color: string; points: Points; area?: boolean; dashed?: boolean }[],
): Pick<ChartData, "times" | "series"> {
  const times = [...new Set(lines.flatMap((line) => line.points.map((point) => point[0] ?? 0)))].sort(
    (a, b) => a - b,
  );
  const series = lines.map(({ points, ...line }) => {
    const at = new Map(points.map((point) => [point[0], point[1] ?? null]));
    return { ...line, values: times.map((time) => at.get(time) ?? null) };
  });
  return { times, series };
}

/** The window's own axis, and its series without the step that is not over: half a minute is not a minute of less. */
function windowed(data: Dashboard, lines: Parameters<typeof joined>[0]): WindowChart {
  const [from, to] = [Date.parse(data.from) / 1000, Date.parse(data.to) / 1000];
  const whole = lines.map((line) => ({
    ...line,
    points: line.points.filter((point) => (point[0] ?? 0) + data.step_s <= to),
  }));
  return { ...joined(whole), range: [from, to] };
}

type WindowChart = Pick<ChartData, "times" | "series" | "range">;

export function rateChart(data: Dashboard): WindowChart {
  const { series } = data;
  return windowed(data, [
    { label: "Received", color: "--pf-accent-ink", points: series.received, area: true },
    { label: "Applied", color: "--pf-good", points: series.applied },
    { label: "Parked", color: "--pf-info", points: series.premature },
    { label: "Duplicates", color: "--pf-ink-3", points: series.duplicates, dashed: true },
    { label: "Refused", color: "--pf-bad", points: series.refused },
  ]);
}

export function lagChart(data: Dashboard): WindowChart {
  const { lag_ms: lag } = data;
  return windowed(data, [
    { label: "p99", color: "--pf-warn", points: lag.p99 },
    { label: "p95", color: "--pf-info", points: lag.p95 },
    { label: "p50", color: "--pf-good", points: lag.p50, area: true },
  ]);
}

const seconds = (tick: MetricsTick) => Math.floor(Date.parse(tick.at) / 1000);

function fromTicks(
  ticks: readonly MetricsTick[],
  lines: readonly {
    label: string;
    color: string;
    of: (tick: MetricsTick) => number | null;
    area?: boolean;
    dashed?: boolean;
  }[],
): Pick<ChartData, "times" | "series"> {
  return {
    times: ticks.map(seconds),
    series: lines.map(({ of, ...line }) => ({ ...line, values: ticks.map(of) })),
  };
}

export function liveRateChart(ticks: readonly MetricsTick[]): Pick<ChartData, "times" | "series"> {
  return fromTicks(ticks, [
    { label: "Received", color: "--pf-accent-ink", of: (tick) => tick.received_per_s, area: true },
    { label: "Applied", color: "--pf-good", of: (tick) => tick.applied_per_s },
    { label: "Duplicates", color: "--pf-ink-3", of: (tick) => tick.duplicates_per_s, dashed: true },
    { label: "Refused", color: "--pf-bad", of: (tick) => tick.refused_per_s },
  ]);
}

export function liveLagChart(ticks: readonly MetricsTick[]): Pick<ChartData, "times" | "series"> {
  return fromTicks(ticks, [
    { label: "p99", color: "--pf-warn", of: (tick) => tick.lag_p99_ms },
    { label: "p95", color: "--pf-info", of: (tick) => tick.lag_p95_ms },
    { label: "p50", color: "--pf-good", of: (tick) => tick.lag_p50_ms, area: true },
  ]);
}

export function backlogChart(ticks: readonly MetricsTick[]): Pick<ChartData, "times" | "series"> {
  return fromTicks(ticks, [
    { label: "Waiting", color: "--pf-violet", of: (tick) => tick.backlog_visible, area: true },
    { label: "In flight", color: "--pf-info", of: (tick) => tick.in_flight },
  ]);
}

const MARK_COLORS: Readonly<Record<string, string>> = {
  critical: "--pf-bad",
  high: "--pf-bad",
  warning: "--pf-warn",
  info: "--pf-ink-3",
};

/** A line in the charts for each recent alert. */
export function alertMarks(alerts: Dashboard["alerts"]["recent"]): ChartMark[] {
  return alerts.map((alert) => ({
    at: Date.parse(alert.created_at) / 1000,
    label: alert.title,
    color: MARK_COLORS[alert.severity] ?? "--pf-ink-3",
  }));
}
