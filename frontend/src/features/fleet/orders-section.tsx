import { useState } from "react";
import { useRefusal } from "@/ui/access/access";
import { GuardedButton } from "@/ui/access/guarded-button";
import { Badge, type Tone } from "@/ui/badges/badges";
import type { GlyphName } from "@/ui/badges/glyph";
import { type Fact, Facts, Section } from "@/ui/page/page-frame";
import { type Fleet, type FleetState, limitsOf, type Order } from "./fleet";
import classes from "./fleet.module.css";
import { LimitsDialog } from "./limits-dialog";
import { OrderDialog } from "./order-dialog";

const STATES: Readonly<Record<FleetState, { label: string; tone: Tone; glyph: GlyphName }>> = {
  running: { label: "Running", tone: "good", glyph: "full" },
  paused: { label: "Paused", tone: "warn", glyph: "half" },
  draining: { label: "Draining", tone: "warn", glyph: "back-half" },
};

/** What the whole fleet is asked to do, and asking it for something else. */
export function OrdersSection({ fleet, failed }: { fleet: Fleet; failed: string | null }) {
  const operator = useRefusal("operator");
  const admin = useRefusal("admin");
  const [asking, setAsking] = useState<Order | "limits" | null>(null);
  const state = STATES[fleet.state];
  const already = (wanted: FleetState) => (fleet.state === wanted ? `It is ${wanted} already.` : null);
  return (
    <Section
      title="Fleet"
      aside={
        failed === null ? (
          <Badge tone={state.tone} glyph={state.glyph}>
            {state.label}
          </Badge>
        ) : (
          <span className={classes.old}>Old: {failed}</span>
        )
      }
    >
      <div className={classes.orders}>
        <Facts facts={limitFacts(fleet)} />
        <div className={classes.buttons}>
          <GuardedButton
            size="xs"
            variant="default"
            refusal={operator ?? already("paused")}
            onClick={() => setAsking("pause")}
          >
            Pause
          </GuardedButton>
          <GuardedButton
            size="xs"
            variant="default"
            refusal={operator ?? already("running")}
            onClick={() => setAsking("resume")}
          >
            Resume
          </GuardedButton>
          <GuardedButton
            size="xs"
            variant="default"
            refusal={admin ?? already("draining")}
            onClick={() => setAsking("drain")}
          >
            Drain
          </GuardedButton>
          <GuardedButton size="xs" variant="default" refusal={operator} onClick={() => setAsking("limits")}>
            Change the limits
          </GuardedButton>
        </div>
      </div>
      {asking === "limits" && <LimitsDialog limits={limitsOf(fleet)} onClose={() => setAsking(null)} />}
      {asking !== null && asking !== "limits" && (
        <OrderDialog order={asking} worker={null} onClose={() => setAsking(null)} />
      )}
    </Section>
  );
}

function limitFacts(fleet: Fleet): Fact[] {
  const limits = limitsOf(fleet);
  const rate = (value: number | null) => (value === null ? "No limit" : `${value.toLocaleString("en-US")}/s`);
  const merchants = Object.entries(limits.merchants);
  const own = (value: number | null) =>
    value === null ? "As each worker is set" : value.toLocaleString("en-US");
  return [
    { label: "Rate of all workers", value: rate(limits.rate_per_s) },
    { label: "Events a batch, at most", value: own(limits.batch_size_max) },
    { label: "Lanes at work, at most", value: own(limits.concurrency_max) },
    {
      label: "Merchants with a limit",
      value:
        merchants.length === 0
          ? "None"
          : merchants.map(([name, value]) => `${name} ${rate(value)}`).join(", "),
    },
  ];
}
