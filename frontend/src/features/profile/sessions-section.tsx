import { Button } from "@mantine/core";
import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { session } from "@/api/session";
import { Badge } from "@/ui/badges/badges";
import { Section } from "@/ui/page/page-frame";
import { LoadingBlock, ProblemState } from "@/ui/states/states";
import { Time } from "@/ui/time/time";
import { problemToast, toast } from "@/ui/toast/toast";
import { deviceWords } from "./device";
import { endSession, SESSIONS_KEY, sessionsOptions, type UserSession } from "./profile";
import classes from "./profile.module.css";

/** Where the account is signed in. One that nobody knows is ended here, and the password changed. */
export function SessionsSection() {
  const query = useQuery(sessionsOptions());
  return (
    <Section title="Where you are signed in" flush>
      {query.data !== undefined ? (
        <ul className={classes.sessions}>
          {query.data.items.map((each) => (
            <SessionRow key={each.session_id} each={each} />
          ))}
        </ul>
      ) : query.isError ? (
        <ProblemState problem={query.error} onRetry={() => void query.refetch()} />
      ) : (
        <LoadingBlock height={120} />
      )}
    </Section>
  );
}

function SessionRow({ each }: { each: UserSession }) {
  const client = useQueryClient();
  const end = useMutation({
    mutationFn: () => endSession(each.session_id),
    onSuccess: () => toast("That session is over; its next call is refused."),
    onError: (error) => problemToast("The session goes on", error),
    onSettled: () => client.invalidateQueries({ queryKey: SESSIONS_KEY }),
  });
  const device = deviceWords(each.user_agent);
  return (
    <li>
      <div className={classes.device}>
        <strong>{device}</strong>
        {each.current && (
          <Badge tone="good" glyph="full">
            This one
          </Badge>
        )}
        <span className={classes.where}>
          {each.address ?? "unknown address"} · since <Time at={each.created_at} /> · last seen{" "}
          <Time at={each.seen_at} as="relative" />
        </span>
      </div>
      <Button
        size="compact-xs"
        variant="default"
        loading={end.isPending}
        aria-label={each.current ? "Sign out here" : `End the session on ${device}`}
        onClick={() => (each.current ? void session.signOut() : end.mutate())}
      >
        {each.current ? "Sign out" : "End"}
      </Button>
    </li>
  );
}
