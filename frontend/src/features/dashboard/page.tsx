import { SegmentedControl } from "@mantine/core";
import { keepPreviousData, useQuery } from "@tanstack/react-query";
import { useSearchParams } from "react-router";
import { api, take } from "@/api/client";
import { pollEvery } from "@/api/live";
import type { MetricsTick } from "@/api/stream-messages";
import { useTicks } from "@/api/ticks";
import type { Dashboard } from "@/api/types";
import { PAYMENT_STATUSES, VERDICTS } from "@/ui/badges/badges";
import { Chart } from "@/ui/chart/chart";
import { links } from "@/ui/links/links";
import { PageFrame, Section } from "@/ui/page/page-frame";
import { LoadingBlock, ProblemState } from "@/ui/states/states";
import { Time } from "@/ui/time/time";
import { Amounts } from "./amounts";
import { Breakdown } from "./breakdown";
import classes from "./dashboard.module.css";
import { FigureStrip } from "./figure-strip";
import { count, milliseconds, perSecond, short } from "./figures";
import { OpenAlerts } from "./open-alerts";
import { alertMarks, backlogChart, lagChart, liveLagChart, liveRateChart, rateChart } from "./series";
import { apiWindow, type DashboardWindow, pollMs, WINDOW_LABELS, WINDOWS, windowOf } from "./windows";

export default function DashboardPage() {
  const [params, setParams] = useSearchParams();
  const window = windowOf(params.get("window"));
  const ticks = useTicks();
  const query = useQuery({
    queryKey: ["dashboard", apiWindow(window)],
    queryFn: ({ signal }) =>
      take(api.GET("/dashboard", { params: { query: { window: apiWindow(window) } }, signal })),
    placeholderData: keepPreviousData,
    refetchInterval: pollEvery(pollMs(window)),
  });
  return (
    <PageFrame
      title="Dashboard"
      subtitle={query.data === undefined ? undefined : <AsOf at={query.data.to} problem={query.error} />}
      actions={
        <SegmentedControl
          size="xs"
          aria-label="Window"
          value={window}
          data={WINDOWS.map((value) => ({ value, label: WINDOW_LABELS[value] }))}
          onChange={(value) => setParams(value === "1h" ? {} : { window: value }, { replace: true })}
        />
      }
    >
      <FigureStrip ticks={ticks} backlog={query.data?.backlog} />
      {query.data !== undefined ? (
        <Charts window={window} data={query.data as Dashboard} ticks={ticks} />
      ) : query.isError ? (
        <ProblemState problem={query.error} onRetry={() => void query.refetch()} />
      ) : (
        <LoadingBlock height={460} />
      )}
    </PageFrame>
  );
}

function AsOf({ at, problem }: { at: string; problem: Error | null }) {
  return (
    <span
      className={problem === null ? undefined : classes.old}
      role={problem === null ? undefined : "alert"}
    >
      As of <Time at={at} as="full" />
      {problem !== null && `. Newer figures could not be read: ${problem.message}`}
    </span>
  );
}

interface ChartsProps {
  window: DashboardWindow;
  data: Dashboard;
  ticks: readonly MetricsTick[];
}

function Charts({ window, data, ticks }: ChartsProps) {
  const live = window === "live";
  const marks = alertMarks(data.alerts.recent);
  return (
    <>
      <div className={classes.charts}>
        <Chart
          title="Events per second"
          data={{ ...(live ? liveRateChart(ticks) : rateChart(data)), marks }}
          format={perSecond}
          axis={short}
          height={210}
        />
        <Chart
          title="Lag from sent to committed"
          data={{ ...(live ? liveLagChart(ticks) : lagChart(data)), marks }}
          format={milliseconds}
          height={210}
        />
      </div>
      <div className={classes.cards}>
        <Section title="Open alerts">
          <OpenAlerts alerts={data.alerts} />
        </Section>
        <Section title="Deliveries by verdict" aside={WINDOW_LABELS[data.window as DashboardWindow]}>
          <Breakdown label="Deliveries by verdict" words={VERDICTS} counts={data.verdicts} />
        </Section>
        <Section title="Payments by status">
          <Breakdown
            label="Payments by status"
            words={PAYMENT_STATUSES}
            counts={data.statuses}
            href={(status) => links.payments({ status })}
          />
        </Section>
        <div className={classes.stack}>
          <Section title="Money by currency">
            <Amounts amounts={data.amounts} />
          </Section>
          <Chart
            title="Queue, last 5 minutes"
            data={backlogChart(ticks)}
            format={count}
            axis={short}
            height={150}
          />
        </div>
      </div>
    </>
  );
}
