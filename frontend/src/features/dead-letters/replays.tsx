import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { useEffect } from "react";
import { useRefusal } from "@/ui/access/access";
import { GuardedButton } from "@/ui/access/guarded-button";
import { Time } from "@/ui/time/time";
import { problemToast } from "@/ui/toast/toast";
import { actorWords } from "@/ui/trail/trail";
import { isUnderWay, LETTERS_KEY, type Replay, replaysOptions, stop } from "./dead-letters";
import classes from "./dead-letters.module.css";

/** Replays under way, whoever ordered them, and the last one that ended with letters that were not sent. */
export function Replays() {
  const client = useQueryClient();
  const query = useQuery(replaysOptions());
  const replays = query.data?.items ?? [];
  const running = replays.filter(isUnderWay);
  const sent = running.reduce((sum, replay) => sum + replay.sent, 0);
  // Letters that were sent leave the open ones.
  useEffect(() => {
    if (sent > 0) void client.invalidateQueries({ queryKey: [...LETTERS_KEY, "list"] });
  }, [client, sent]);
  const newest = replays[0];
  const shown =
    running.length > 0 || newest === undefined || (newest.failed === 0 && newest.error === null)
      ? running
      : [newest];
  return shown.map((replay) => <ReplayRow key={replay.replay_id} replay={replay} />);
}

function ReplayRow({ replay }: { replay: Replay }) {
  const client = useQueryClient();
  const refusal = useRefusal("operator");
  const halt = useMutation({
    mutationFn: () => stop(replay.replay_id),
    onError: (error) => problemToast("The replay goes on", error),
    onSettled: () => client.invalidateQueries({ queryKey: [...LETTERS_KEY, "replays"] }),
  });
  const count = (letters: number) => letters.toLocaleString("en-US");
  return (
    <section
      className={classes.replay}
      aria-label={`Replay ${replay.replay_id}`}
      data-failed={replay.failed > 0 || undefined}
    >
      <strong>Replay {replay.state}</strong>
      <span>
        {count(replay.sent)} sent{replay.failed > 0 && `, ${count(replay.failed)} not sent`}, at most{" "}
        {count(replay.rate_per_s)}/s
      </span>
      <span className={classes.quiet}>
        {actorWords(replay.requested_by)}, <Time at={replay.requested_at} as="relative" />
      </span>
      {replay.error !== null && <span>{replay.error}</span>}
      {Object.entries(replay.failures)
        .slice(0, 1)
        .map(([letter, reason]) => (
          <span key={letter}>
            {letter}: {reason}
          </span>
        ))}
      {isUnderWay(replay) && (
        <GuardedButton
          size="compact-xs"
          variant="default"
          refusal={refusal ?? (replay.state === "stopping" ? "It is stopping." : null)}
          loading={halt.isPending}
          onClick={() => halt.mutate()}
        >
          Stop
        </GuardedButton>
      )}
    </section>
  );
}
