import { useComputedColorScheme } from "@mantine/core";
import { useEffect, useMemo, useRef, useState } from "react";
import uPlot from "uplot";
import "uplot/dist/uPlot.min.css";
import { absolute, compact } from "@/ui/time/format";
import { useZone } from "@/ui/time/zone";
import type { ChartData } from "./chart";
import classes from "./chart.module.css";

interface PlotProps {
  title: string;
  data: ChartData;
  format: (value: number) => string;
  axis: (value: number) => string;
  height: number;
}

/** The canvas. It is drawn anew only when its series, zone or theme change; new points are handed to it. */
export default function Plot({ title, data, format, axis, height }: PlotProps) {
  const host = useRef<HTMLDivElement>(null);
  const plot = useRef<uPlot | null>(null);
  const [cursor, setCursor] = useState<number | null>(null);
  const zone = useZone();
  const scheme = useComputedColorScheme();
  const shape = data.series
    .map((series) => `${series.label}|${series.color}|${series.dashed}|${series.area}`)
    .join("\n");
  const latest = useRef(data);
  latest.current = data;
  const axisRef = useRef(axis);
  axisRef.current = axis;
  const columns = useMemo(() => columnsOf(data), [data]);

  // biome-ignore lint/correctness/useExhaustiveDependencies: shape and scheme stand for what the options read
  useEffect(() => {
    const element = host.current;
    if (element === null) return;
    const made = new uPlot(
      options(element, latest, axisRef, zone, height, setCursor),
      columnsOf(latest.current),
      element,
    );
    plot.current = made;
    const observer = new ResizeObserver(() => made.setSize({ width: element.clientWidth, height }));
    observer.observe(element);
    return () => {
      observer.disconnect();
      made.destroy();
      plot.current = null;
    };
  }, [shape, zone, scheme, height]);

  useEffect(() => {
    plot.current?.setData(columns);
  }, [columns]);

  const last = data.times.length - 1;
  const index = cursor ?? last;
  return (
    <figure style={{ margin: 0 }} aria-label={`${title}, line chart. The same numbers are under Table.`}>
      <ul className={classes.legend}>
        {data.series.map((series) => {
          const value = series.values[index];
          return (
            <li key={series.label}>
              <span className={classes.swatch} style={{ background: `var(${series.color})` }} aria-hidden />
              {series.label}
              <strong>{value === null || value === undefined ? "–" : format(value)}</strong>
            </li>
          );
        })}
        {cursor !== null && data.times[cursor] !== undefined && (
          <li>{compact(new Date((data.times[cursor] ?? 0) * 1000), zone, new Date())}</li>
        )}
      </ul>
      <div ref={host} className={classes.plot} style={{ height }} aria-hidden />
    </figure>
  );
}

function columnsOf(data: ChartData): uPlot.AlignedData {
  return [data.times as number[], ...data.series.map((series) => series.values as (number | null)[])];
}

function options(
  element: HTMLElement,
  latest: { current: ChartData },
  axis: { current: (value: number) => string },
  zone: string,
  height: number,
  onCursor: (index: number | null) => void,
): uPlot.Options {
  const style = getComputedStyle(element);
  const color = (token: string) => style.getPropertyValue(token).trim();
  const font = `11px ${style.getPropertyValue("--pf-sans").trim() || "sans-serif"}`;
  const shared: uPlot.Axis = {
    stroke: color("--pf-ink-3"),
    font,
    grid: { stroke: color("--pf-line-soft"), width: 1 },
    ticks: { show: false },
  };
  return {
    width: element.clientWidth,
    height,
    legend: { show: false },
    padding: [6, 8, 0, 0],
    cursor: { y: false, points: { size: 6 }, drag: { x: false, y: false } },
    scales: {
      x: {
        time: true,
        range: (_, min, max) => [...(latest.current.range ?? [min, max])] as [number, number],
      },
      y: { range: (_, __, max) => [0, max > 0 ? max * 1.08 : 1] },
    },
    axes: [
      {
        ...shared,
        grid: { show: false },
        size: 24,
        gap: 4,
        values: (_, ticks, __, ___, step) => ticks.map((tick) => axisTime(tick, zone, step)),
        space: 70,
      },
      { ...shared, size: 52, values: (_, ticks) => ticks.map((tick) => axis.current(tick)), space: 34 },
    ],
    series: [
      {},
      ...latest.current.series.map(
        (series): uPlot.Series => ({
          label: series.label,
          stroke: color(series.color),
          width: 1.5,
          points: { show: false },
          ...(series.dashed ? { dash: [4, 3] } : {}),
          ...(series.area ? { fill: `${color(series.color)}1f` } : {}),
        }),
      ),
    ],
    hooks: {
      setCursor: [(u) => onCursor(u.cursor.idx ?? null)],
      draw: [(u) => drawMarks(u, latest.current, color)],
    },
  };
}

/** As much of a moment as tells the ticks apart: the second, the minute, or the day where one begins. */
function axisTime(seconds: number, zone: string, step: number): string {
  const text = absolute(new Date(seconds * 1000), zone);
  const time = text.slice(11);
  if (step >= 86_400 || (step >= 3_600 && time === "00:00:00")) return text.slice(5, 10);
  return step < 60 ? time : time.slice(0, 5);
}

function drawMarks(plot: uPlot, data: ChartData, color: (token: string) => string): void {
  const { ctx } = plot;
  for (const mark of data.marks ?? []) {
    const x = Math.round(plot.valToPos(mark.at, "x", true));
    if (x < plot.bbox.left || x > plot.bbox.left + plot.bbox.width) continue;
    ctx.save();
    ctx.strokeStyle = color(mark.color);
    ctx.globalAlpha = 0.55;
    ctx.setLineDash([3, 3]);
    ctx.beginPath();
    ctx.moveTo(x, plot.bbox.top);
    ctx.lineTo(x, plot.bbox.top + plot.bbox.height);
    ctx.stroke();
    ctx.restore();
  }
}
