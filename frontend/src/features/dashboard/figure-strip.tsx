import { Link } from "react-router";
import { usePaused } from "@/api/live";
import type { MetricsTick } from "@/api/stream-messages";
import type { Dashboard } from "@/api/types";
import { links } from "@/ui/links/links";
import { duration } from "@/ui/time/format";
import { useNow } from "@/ui/time/now";
import classes from "./figure-strip.module.css";
import { count, milliseconds, perSecond } from "./figures";

const STALE_AFTER_S = 5;
const SPARK_SECONDS = 90;

interface FigureStripProps {
  ticks: readonly MetricsTick[];
  backlog: Dashboard["backlog"] | undefined;
}

/** The system this second, each figure with its last minute and a half. */
export function FigureStrip({ ticks, backlog }: FigureStripProps) {
  const last = ticks.at(-1);
  const recent = ticks.slice(-SPARK_SECONDS);
  const now = useNow();
  const paused = usePaused();
  const age = last === undefined ? null : (now - Date.parse(last.at)) / 1000;
  const stale = age !== null && age > STALE_AFTER_S;
  const show = (value: number | null | undefined, write: (value: number) => string) =>
    value === null || value === undefined ? "–" : write(value);
  return (
    <section className={classes.frame} aria-label="This second">
      <div className={classes.strip} data-stale={stale || undefined}>
        <Figure
          label="Received"
          unit="/s"
          value={show(last?.received_per_s, perSecond)}
          spark={recent.map((tick) => tick.received_per_s)}
        />
        <Figure
          label="Applied"
          unit="/s"
          value={show(last?.applied_per_s, perSecond)}
          spark={recent.map((tick) => tick.applied_per_s)}
        />
        <Figure
          label="Lag p50"
          value={show(last?.lag_p50_ms, milliseconds)}
          spark={recent.map((tick) => tick.lag_p50_ms)}
        />
        <Figure
          label="Lag p99"
          value={show(last?.lag_p99_ms, milliseconds)}
          spark={recent.map((tick) => tick.lag_p99_ms)}
        />
        <Figure
          label="In the queue"
          value={show(last?.backlog_visible ?? backlog?.visible, count)}
          spark={recent.map((tick) => tick.backlog_visible)}
        />
        <Figure label="Workers" value={show(last?.workers_alive, count)} href={links.fleet()} />
        <Figure
          label="Dead letters"
          value={show(backlog?.dead_letters_open, count)}
          href={links.deadLetters()}
          alarm={(backlog?.dead_letters_open ?? 0) > 0}
        />
        <Figure label="Parked facts" value={show(backlog?.parked, count)} href={links.parked()} />
        {stale && (
          <p className={classes.age} role="status">
            {paused ? "Paused. " : "No news. "}These figures are {duration(age ?? 0)} old.
          </p>
        )}
      </div>
    </section>
  );
}

interface FigureProps {
  label: string;
  value: string;
  unit?: string;
  spark?: readonly (number | null)[];
  href?: string;
  alarm?: boolean;
}

function Figure({ label, value, unit, spark, href, alarm }: FigureProps) {
  return (
    <div className={classes.figure}>
      <span className={classes.label}>{href === undefined ? label : <Link to={href}>{label}</Link>}</span>
      <span className={classes.value} data-alarm={alarm || undefined}>
        {value}
        {unit !== undefined && value !== "–" && <span className={classes.unit}>{unit}</span>}
      </span>
      {spark !== undefined && <Spark values={spark} />}
    </div>
  );
}

const WIDTH = 100;
const HEIGHT = 22;

function Spark({ values }: { values: readonly (number | null)[] }) {
  const top = Math.max(...values.map((value) => value ?? 0), 1e-9);
  const step = WIDTH / (SPARK_SECONDS - 1);
  const start = WIDTH - step * (values.length - 1);
  const points = values
    .map((value, index) =>
      value === null
        ? null
        : `${(start + index * step).toFixed(1)},${(HEIGHT - 1 - (value / top) * (HEIGHT - 3)).toFixed(1)}`,
    )
    .filter((point) => point !== null);
  return (
    <svg
      className={classes.spark}
      viewBox={`0 0 ${WIDTH} ${HEIGHT}`}
      preserveAspectRatio="none"
      aria-hidden="true"
    >
      {points.length > 1 && <polyline points={points.join(" ")} vectorEffect="non-scaling-stroke" />}
    </svg>
  );
}
