import { Button } from "@mantine/core";
import { csvField, download } from "@/ui/list/csv";
import { absolute, zoneLabel } from "@/ui/time/format";
import { useZone } from "@/ui/time/zone";
import type { ChartData } from "./chart";
import classes from "./chart.module.css";

interface ChartTableProps {
  title: string;
  data: ChartData;
  format: (value: number) => string;
}

/** The chart's numbers, newest first. */
export function ChartTable({ title, data, format }: ChartTableProps) {
  const zone = useZone();
  const save = () => {
    const lines = [["time (UTC)", ...data.series.map((series) => series.label)]];
    data.times.forEach((time, index) => {
      const values = data.series.map((series) => series.values[index]?.toString() ?? "");
      lines.push([new Date(time * 1000).toISOString(), ...values]);
    });
    download(
      `${title.toLowerCase().replaceAll(/\W+/g, "-")}.csv`,
      lines.map((l) => l.map(csvField).join(",")).join("\r\n"),
    );
  };
  return (
    <>
      {/* biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls has to be reachable by keyboard */}
      <div className={classes.tableScroll} tabIndex={0} role="region" aria-label={`${title} as a table`}>
        <table className={classes.table}>
          <thead>
            <tr>
              <th scope="col">Time ({zoneLabel(zone)})</th>
              {data.series.map((series) => (
                <th key={series.label} scope="col">
                  {series.label}
                </th>
              ))}
            </tr>
          </thead>
          <tbody>
            {data.times
              .map((time, index) => (
                <tr key={time}>
                  <th scope="row">{absolute(new Date(time * 1000), zone)}</th>
                  {data.series.map((series) => {
                    const value = series.values[index];
                    return (
                      <td key={series.label}>
                        {value === null || value === undefined ? "–" : format(value)}
                      </td>
                    );
                  })}
                </tr>
              ))
              .reverse()}
          </tbody>
        </table>
      </div>
      <Button variant="subtle" size="compact-xs" onClick={save}>
        CSV of this chart
      </Button>
    </>
  );
}
