import type { Alert } from "@/api/types";
import { useKeys } from "@/ui/keys/keys";
import { statusAfter, type Triage } from "./triage";
import type { TriageDesk } from "./use-triage";

const GROUP = "Triage";

interface TriageKeysProps {
  desk: TriageDesk;
  /** The alerts that a key is meant for, at the moment when it is pressed. */
  targets: () => readonly Alert[];
  /** Called before an action whose rows may leave the list, so that the keyboard keeps its place. */
  onLeaving?: (status: Alert["status"]) => void;
}

/** The keys of triage. The newest that is mounted counts: those of a selection before those of a row. */
export function TriageKeys({ desk, targets, onLeaving }: TriageKeysProps) {
  const run = (triage: Triage) => {
    const alerts = targets();
    if (alerts.length === 0) return;
    const status = statusAfter(triage.action);
    if (status !== null) onLeaving?.(status);
    void desk.run(alerts, triage);
  };
  const ask = (action: "snooze" | "resolve") => {
    const alerts = targets();
    if (alerts.length > 0) desk.ask(action, alerts);
  };
  useKeys([
    { keys: "a", label: "Acknowledge", group: GROUP, run: () => run({ action: "acknowledge" }) },
    { keys: "s", label: "Snooze", group: GROUP, run: () => ask("snooze") },
    { keys: "e", label: "Resolve", group: GROUP, run: () => ask("resolve") },
    { keys: "o", label: "Reopen", group: GROUP, run: () => run({ action: "reopen" }) },
    {
      keys: "m",
      label: "Assign to me",
      group: GROUP,
      run: () => run({ action: "assign", assignee: desk.me }),
    },
    {
      keys: "M",
      label: "Assign to nobody",
      group: GROUP,
      run: () => run({ action: "assign", assignee: null }),
    },
    ...(desk.undoable
      ? [{ keys: "u", label: "Undo the last one", group: GROUP, run: () => void desk.undo() }]
      : []),
  ]);
  return null;
}
