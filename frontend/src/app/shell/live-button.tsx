import { Tooltip, UnstyledButton } from "@mantine/core";
import { Circle, Pause, TriangleAlert } from "lucide-react";
import { usePaused } from "@/api/live";
import { stream } from "@/api/stream";
import { useStreamStatus } from "@/api/use-stream";
import { duration } from "@/ui/time/format";
import { useNow } from "@/ui/time/now";
import classes from "./top-bar.module.css";
import { togglePause } from "./use-shell-keys";

/** A stream that should be live and was silent this long is called stale. */
const STALE_AFTER_MS = 5_000;

/** Live, paused, or how old the page is. One press pauses everything that the console would ask by itself. */
export function LiveButton() {
  const paused = usePaused();
  const { phase, heardAt } = useStreamStatus();
  const now = useNow();
  const age = heardAt === null ? null : Math.max(0, now - heardAt);
  const old = age === null ? "" : ` ${duration(age / 1000)}`;

  if (paused) {
    return (
      <Tooltip
        label={`Paused: nothing is asked for until you resume (p).${old ? ` Last news${old} ago.` : ""}`}
      >
        <UnstyledButton className={classes.live} data-state="paused" aria-pressed onClick={togglePause}>
          <Pause size={12} aria-hidden />
          Paused{old}
        </UnstyledButton>
      </Tooltip>
    );
  }
  if (phase === "live" && (age ?? 0) < STALE_AFTER_MS) {
    return (
      <Tooltip label="News arrive as they happen. Press p to pause.">
        <UnstyledButton className={classes.live} data-state="live" aria-pressed={false} onClick={togglePause}>
          <Circle size={8} fill="currentColor" aria-hidden />
          Live
        </UnstyledButton>
      </Tooltip>
    );
  }
  if (phase === "refused") {
    return (
      <span className={classes.live} data-state="stale">
        <TriangleAlert size={12} aria-hidden />
        Your role gets no live news
      </span>
    );
  }
  return (
    <Tooltip
      label={heardAt === null ? "Connecting." : `Nothing heard for${old}. Press to connect again now.`}
    >
      <UnstyledButton
        className={classes.live}
        data-state={heardAt === null ? "connecting" : "stale"}
        onClick={() => stream.reconnect()}
      >
        {heardAt === null ? <Circle size={8} aria-hidden /> : <TriangleAlert size={12} aria-hidden />}
        {heardAt !== null ? `Stale${old}` : phase === "waiting" ? "No live news" : "Connecting"}
      </UnstyledButton>
    </Tooltip>
  );
}
