import type { Alert } from "@/api/types";
import { GuardedButton } from "@/ui/access/guarded-button";
import { refusalOf, type TriageAction } from "./triage";
import type { TriageDesk } from "./use-triage";

/** The same actions as the keys, for one alert or for the selected ones. What makes no sense stays and says why. */
export function TriageButtons({ alerts, desk }: { alerts: readonly Alert[]; desk: TriageDesk }) {
  const why = (action: TriageAction): string | null => {
    if (desk.refusal !== null) return desk.refusal;
    const refusals = alerts.map((alert) => refusalOf(action, alert));
    return refusals.every((refusal) => refusal !== null) ? (refusals[0] ?? null) : null;
  };
  const mine = alerts.every((alert) => alert.assignee?.user_id === desk.me);
  const common = { size: "compact-xs", disabled: desk.busy } as const;
  return (
    <>
      <GuardedButton
        {...common}
        refusal={why("acknowledge")}
        onClick={() => void desk.run(alerts, { action: "acknowledge" })}
      >
        Acknowledge
      </GuardedButton>
      <GuardedButton
        {...common}
        variant="default"
        refusal={why("snooze")}
        onClick={() => desk.ask("snooze", alerts)}
      >
        Snooze
      </GuardedButton>
      <GuardedButton
        {...common}
        variant="default"
        refusal={why("resolve")}
        onClick={() => desk.ask("resolve", alerts)}
      >
        Resolve
      </GuardedButton>
      <GuardedButton
        {...common}
        variant="default"
        refusal={why("reopen")}
        onClick={() => void desk.run(alerts, { action: "reopen" })}
      >
        Reopen
      </GuardedButton>
      <GuardedButton
        {...common}
        variant="default"
        refusal={why("assign")}
        onClick={() => void desk.run(alerts, { action: "assign", assignee: mine ? null : desk.me })}
      >
        {mine ? "Assign to nobody" : "Assign to me"}
      </GuardedButton>
    </>
  );
}
