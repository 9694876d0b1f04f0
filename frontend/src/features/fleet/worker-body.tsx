import { useState } from "react";
import { useRefusal } from "@/ui/access/access";
import { GuardedButton } from "@/ui/access/guarded-button";
import { Badge } from "@/ui/badges/badges";
import { Identifier } from "@/ui/copy/identifier";
import { Facts, Section } from "@/ui/page/page-frame";
import { Time } from "@/ui/time/time";
import type { Order, Worker } from "./fleet";
import classes from "./fleet.module.css";
import { OrderDialog } from "./order-dialog";
import { WorkerState } from "./workers-section";

export function WorkerBody({ worker }: { worker: Worker }) {
  const operator = useRefusal("operator");
  const admin = useRefusal("admin");
  const [asking, setAsking] = useState<Order | null>(null);
  const gone = worker.alive ? null : "It is not there to obey.";
  const common = { size: "compact-xs", variant: "default" } as const;
  return (
    <>
      <div className={classes.buttons}>
        <GuardedButton {...common} refusal={operator ?? gone} onClick={() => setAsking("pause")}>
          Pause
        </GuardedButton>
        <GuardedButton {...common} refusal={operator ?? gone} onClick={() => setAsking("resume")}>
          Resume
        </GuardedButton>
        <GuardedButton {...common} refusal={admin ?? gone} onClick={() => setAsking("drain")}>
          Drain
        </GuardedButton>
      </div>
      <Facts
        facts={[
          { label: "State", value: <WorkerState worker={worker} /> },
          { label: "Last heard", value: <Time at={worker.seen_at} as="relative" /> },
          { label: "Started", value: <Time at={worker.started_at} as="full" /> },
          { label: "Version", value: worker.version },
          { label: "Host", value: <Identifier value={worker.host} what="host" /> },
          {
            label: "Events/s",
            value: worker.rate_per_s.toLocaleString("en-US", { maximumFractionDigits: 1 }),
          },
          { label: "In hand", value: worker.in_hand.toLocaleString("en-US") },
          { label: "Held back by a merchant's rate", value: worker.held.toLocaleString("en-US") },
          {
            label: "Does not receive for",
            value: worker.paused_for.length === 0 ? "–" : worker.paused_for.join(", "),
          },
          { label: "Ordered by name", value: worker.ordered ?? "Nothing" },
          { label: "Lanes at work, of those started", value: `${worker.concurrency_max} of ${worker.lanes}` },
          { label: "Rules in force", value: String(worker.rules) },
          { label: "Events a batch, at most", value: worker.batch_size_max.toLocaleString("en-US") },
        ]}
      />
      <Section title="What it depends on">
        <ul className={classes.breakers}>
          {Object.entries(worker.breakers).map(([name, breaker]) => (
            <li key={name}>
              <Badge
                tone={breaker.state === "closed" ? "good" : "bad"}
                glyph={breaker.state === "closed" ? "full" : "cross"}
              >
                {name}
              </Badge>
              <span>{breaker.state === "closed" ? "works" : (breaker.reason ?? breaker.state)}</span>
            </li>
          ))}
        </ul>
      </Section>
      {asking !== null && (
        <OrderDialog order={asking} worker={worker.worker_id} onClose={() => setAsking(null)} />
      )}
    </>
  );
}
