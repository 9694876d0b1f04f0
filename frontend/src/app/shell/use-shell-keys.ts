import { useNavigate } from "react-router";
import { paused, setPaused } from "@/api/live";
import { useKeys } from "@/ui/keys/keys";
import { currentZone, toggleUtc } from "@/ui/time/zone";
import { toast } from "@/ui/toast/toast";
import { navEntries } from "../feature";

interface ShellKeys {
  openSheet: () => void;
  openPalette: () => void;
}

/** Keys that work on every page. */
export function useShellKeys({ openSheet, openPalette }: ShellKeys): void {
  const navigate = useNavigate();
  const jumps = navEntries().flatMap((entry) =>
    entry.jump === undefined
      ? []
      : [
          {
            keys: `g ${entry.jump}`,
            label: entry.label,
            group: "Go to",
            run: () => void navigate(entry.path),
          },
        ],
  );
  useKeys([
    { keys: "?", label: "This sheet", group: "Everywhere", run: openSheet },
    { keys: "mod+k", label: "Command palette", group: "Everywhere", run: openPalette, always: true },
    { keys: "p", label: "Pause or resume live updates", group: "Everywhere", run: togglePause },
    {
      keys: "u",
      label: "Times in UTC or in your zone",
      group: "Everywhere",
      run: () => {
        toggleUtc();
        toast(`Times are in ${currentZone()}.`);
      },
    },
    ...jumps,
  ]);
}

export function togglePause(): void {
  setPaused(!paused.get());
}
