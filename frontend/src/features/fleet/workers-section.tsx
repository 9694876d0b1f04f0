import { Badge, type Tone } from "@/ui/badges/badges";
import type { GlyphName } from "@/ui/badges/glyph";
import { Code } from "@/ui/copy/identifier";
import { DataTable } from "@/ui/list/data-table";
import type { Column } from "@/ui/list/definition";
import { Section } from "@/ui/page/page-frame";
import { EmptyState } from "@/ui/states/states";
import { Time } from "@/ui/time/time";
import type { Worker } from "./fleet";
import classes from "./fleet.module.css";

const STATES: Readonly<Record<string, { tone: Tone; glyph: GlyphName }>> = {
  starting: { tone: "info", glyph: "dashed" },
  running: { tone: "good", glyph: "full" },
  paused: { tone: "warn", glyph: "half" },
  draining: { tone: "warn", glyph: "back-half" },
  drained: { tone: "mute", glyph: "ring" },
  stopping: { tone: "mute", glyph: "back-half" },
  stopped: { tone: "mute", glyph: "struck" },
  dead: { tone: "bad", glyph: "cross" },
};

export function WorkerState({ worker }: { worker: Worker }) {
  const state = !worker.alive && worker.state !== "stopped" ? "dead" : worker.state;
  const { tone, glyph } = STATES[state] ?? { tone: "mute", glyph: "ring" };
  return (
    <Badge tone={tone} glyph={glyph}>
      {state.charAt(0).toUpperCase() + state.slice(1)}
    </Badge>
  );
}

/** The dependencies that a worker does without at the moment. */
export function openBreakers(worker: Worker): string[] {
  return Object.entries(worker.breakers)
    .filter(([, breaker]) => breaker.state !== "closed")
    .map(([name]) => name);
}

const COLUMNS: readonly Column<Worker>[] = [
  {
    id: "worker",
    label: "Worker",
    initial: true,
    rank: 1,
    cell: (worker) => <Code>{worker.worker_id}</Code>,
    text: (worker) => worker.worker_id,
  },
  {
    id: "state",
    label: "State",
    initial: true,
    rank: 1,
    cell: (worker) => <WorkerState worker={worker} />,
    text: (worker) => worker.state,
  },
  {
    id: "rate",
    label: "Events/s",
    initial: true,
    rank: 1,
    align: "end",
    cell: (worker) => worker.rate_per_s.toLocaleString("en-US", { maximumFractionDigits: 1 }),
    text: (worker) => String(worker.rate_per_s),
  },
  {
    id: "in_hand",
    label: "In hand",
    initial: true,
    rank: 2,
    align: "end",
    cell: (worker) => worker.in_hand.toLocaleString("en-US"),
    text: (worker) => String(worker.in_hand),
  },
  {
    id: "breakers",
    label: "Does without",
    initial: true,
    rank: 2,
    cell: (worker) => <span className={classes.open}>{openBreakers(worker).join(", ")}</span>,
    text: (worker) => openBreakers(worker).join(" "),
  },
  {
    id: "version",
    label: "Version",
    initial: true,
    rank: 3,
    cell: (worker) => worker.version,
    text: (worker) => worker.version,
  },
  {
    id: "host",
    label: "Host",
    initial: true,
    rank: 3,
    cell: (worker) => <Code>{worker.host}</Code>,
    text: (worker) => worker.host,
  },
  {
    id: "seen",
    label: "Last heard",
    initial: true,
    rank: 2,
    align: "end",
    cell: (worker) => <Time at={worker.seen_at} as="relative" />,
    text: (worker) => worker.seen_at,
  },
];

interface WorkersSectionProps {
  workers: readonly Worker[];
  open: string | null;
  onOpen: (workerId: string) => void;
}

export function WorkersSection({ workers, open, onOpen }: WorkersSectionProps) {
  const alive = workers.filter((worker) => worker.alive).length;
  const rules = new Set(workers.filter((worker) => worker.alive).map((worker) => worker.rules_digest));
  const versions = new Set(workers.filter((worker) => worker.alive).map((worker) => worker.version));
  return (
    <Section
      title="Workers"
      flush
      aside={
        <>
          {versions.size > 1 && <span className={classes.old}>{versions.size} versions at once</span>}
          {rules.size > 1 && <span className={classes.old}>Different rules in force</span>}
          {alive} of {workers.length} alive
        </>
      }
    >
      {workers.length === 0 ? (
        <EmptyState title="No worker has announced itself">
          Nothing is applied until one runs: <code>payflow worker</code>.
        </EmptyState>
      ) : (
        <div className={classes.table}>
          <DataTable
            label="Workers"
            rows={workers}
            columns={COLUMNS}
            rowKey={(worker) => worker.worker_id}
            onOpen={(worker) => onOpen(worker.worker_id)}
            openKey={open}
          />
        </div>
      )}
    </Section>
  );
}
