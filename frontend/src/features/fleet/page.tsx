import { useQuery } from "@tanstack/react-query";
import { useSearchParams } from "react-router";
import { PageFrame } from "@/ui/page/page-frame";
import { SidePanel } from "@/ui/panel/side-panel";
import { LoadingBlock, ProblemState } from "@/ui/states/states";
import { BacklogChart } from "./backlog-chart";
import { fleetOptions } from "./fleet";
import { OrdersSection } from "./orders-section";
import { QueueSection } from "./queue-section";
import { WorkerBody } from "./worker-body";
import { WorkersSection } from "./workers-section";

export default function FleetPage() {
  const query = useQuery(fleetOptions());
  const [params, setParams] = useSearchParams();
  const open = params.get("open");
  const worker = query.data?.workers.find((each) => each.worker_id === open);
  const show = (workerId: string | null) => setParams(workerId === null ? {} : { open: workerId });
  return (
    <PageFrame
      title="Queue and fleet"
      panel={
        worker !== undefined && (
          <SidePanel title={worker.worker_id} onClose={() => show(null)}>
            <WorkerBody worker={worker} />
          </SidePanel>
        )
      }
    >
      <QueueSection />
      {query.data !== undefined ? (
        <>
          <OrdersSection fleet={query.data} failed={query.isError ? query.error.message : null} />
          <WorkersSection workers={query.data.workers} open={open} onOpen={show} />
        </>
      ) : query.isError ? (
        <ProblemState problem={query.error} onRetry={() => void query.refetch()} />
      ) : (
        <LoadingBlock height={240} />
      )}
      <BacklogChart />
    </PageFrame>
  );
}
