import { SegmentedControl } from "@mantine/core";
import { lazy, type ReactNode, Suspense, useState } from "react";
import { Section } from "@/ui/page/page-frame";
import { LoadingBlock } from "@/ui/states/states";
import classes from "./chart.module.css";
import { ChartTable } from "./chart-table";

const Plot = lazy(() => import("./plot"));

export interface ChartSeries {
  label: string;
  /** A token of tokens.css, as `--pf-good`. */
  color: string;
  values: readonly (number | null)[];
  dashed?: boolean;
  /** Filled below the line. */
  area?: boolean;
}

export interface ChartMark {
  /** Unix seconds. */
  at: number;
  label: string;
  color: string;
}

export interface ChartData {
  /** Unix seconds, rising; each series has one value for each. */
  times: readonly number[];
  series: readonly ChartSeries[];
  marks?: readonly ChartMark[];
  /** First and last second of the time axis; without it, the axis ends where the values do. */
  range?: readonly [number, number];
}

interface ChartProps {
  title: string;
  data: ChartData;
  /** Writes a value with its unit, for the legend and the table. */
  format: (value: number) => string;
  /** Writes a value on the axis, where room is short. */
  axis?: (value: number) => string;
  aside?: ReactNode;
  height?: number;
}

/** A chart and the same numbers as a table: whoever cannot see a canvas, or wants the figures, has them one key away. */
export function Chart({ title, data, format, axis, aside, height = 180 }: ChartProps) {
  const [view, setView] = useState<"chart" | "table">("chart");
  return (
    <Section
      title={title}
      aside={
        <>
          {aside}
          <SegmentedControl
            size="xs"
            aria-label={`${title}: show as`}
            value={view}
            onChange={(value) => setView(value === "table" ? "table" : "chart")}
            data={[
              { value: "chart", label: "Chart" },
              { value: "table", label: "Table" },
            ]}
          />
        </>
      }
    >
      <div className={classes.frame} data-view={view}>
        {view === "chart" ? (
          <Suspense fallback={<LoadingBlock height={height} />}>
            <Plot title={title} data={data} format={format} axis={axis ?? format} height={height} />
          </Suspense>
        ) : (
          <ChartTable title={title} data={data} format={format} />
        )}
      </div>
    </Section>
  );
}
