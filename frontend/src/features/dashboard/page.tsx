import { useQuery } from "@tanstack/react-query";
import { api, take } from "@/api/client";
import { pollEvery } from "@/api/live";
import { Chart } from "@/ui/chart/chart";
import { PageFrame } from "@/ui/page/page-frame";
import { LoadingBlock, ProblemState } from "@/ui/states/states";

export default function DashboardPage() {
  const query = useQuery({
    queryKey: ["dashboard", "1h"],
    queryFn: ({ signal }) => take(api.GET("/dashboard", { params: { query: { window: "1h" } }, signal })),
    refetchInterval: pollEvery(15_000),
  });
  if (query.isPending)
    return (
      <PageFrame title="Dashboard">
        <LoadingBlock height={300} />
      </PageFrame>
    );
  if (query.isError) {
    return (
      <PageFrame title="Dashboard">
        <ProblemState problem={query.error} onRetry={() => void query.refetch()} />
      </PageFrame>
    );
  }
  const { series } = query.data;
  const times = series.received.map((point) => point[0] as number);
  return (
    <PageFrame title="Dashboard">
      <Chart
        title="Events per second"
        data={{
          times,
          series: [
            {
              label: "Received",
              color: "--pf-info",
              values: series.received.map((point) => point[1] as number),
            },
          ],
        }}
        format={(value) => value.toFixed(1)}
      />
    </PageFrame>
  );
}
