import { useQuery } from "@tanstack/react-query";
import { useState } from "react";
import { Link } from "react-router";
import { useRefusal } from "@/ui/access/access";
import { GuardedButton } from "@/ui/access/guarded-button";
import { Identifier } from "@/ui/copy/identifier";
import { links } from "@/ui/links/links";
import { type Fact, Facts, Section } from "@/ui/page/page-frame";
import { LoadingBlock, ProblemState } from "@/ui/states/states";
import { Time } from "@/ui/time/time";
import { actorWords, Trail } from "@/ui/trail/trail";
import { BodyView } from "./body-view";
import { CLASSES, reasonWords } from "./classes";
import { type LetterDetail, letterOptions } from "./dead-letters";
import classes from "./dead-letters.module.css";
import { DiscardDialog } from "./discard-dialog";
import { LetterStatus } from "./letters-list";
import { ReplayDialog } from "./replay-dialog";

export function LetterBody({ letterId }: { letterId: string }) {
  const query = useQuery(letterOptions(letterId));
  if (query.data !== undefined) return <KnownLetter letter={query.data} />;
  if (query.isError) return <ProblemState problem={query.error} onRetry={() => void query.refetch()} />;
  return <LoadingBlock height={320} />;
}

function KnownLetter({ letter }: { letter: LetterDetail }) {
  const refusal = useRefusal("operator");
  const [asking, setAsking] = useState<"replay" | "discard" | null>(null);
  const words = CLASSES[letter.class];
  const ids = [letter.dead_letter_id];
  const close = () => setAsking(null);
  return (
    <>
      <div className={classes.buttons}>
        <GuardedButton size="compact-xs" refusal={refusal} onClick={() => setAsking("replay")}>
          What would a replay do?
        </GuardedButton>
        <GuardedButton
          size="compact-xs"
          variant="default"
          refusal={refusal ?? (letter.status === "discarded" ? "It is discarded already." : null)}
          onClick={() => setAsking("discard")}
        >
          Discard
        </GuardedButton>
      </div>
      <Section title={`${words.label}: ${reasonWords(letter.reason)}`}>
        <p className={classes.text}>{letter.rule ?? words.means}</p>
        {letter.path !== null && (
          <p className={classes.text}>
            At <code>{letter.path}</code>
          </p>
        )}
        {letter.status === "open" && letter.next_step !== null && (
          <p className={classes.next}>{letter.next_step}</p>
        )}
      </Section>
      <Facts facts={factsOf(letter)} />
      <BodyView text={letter.body} base64={letter.body_base64} path={letter.path} />
      <Section title="What was done">
        <Trail entries={letter.history} empty="Nothing so far." />
      </Section>
      {asking === "replay" && <ReplayDialog chosen={{ ids }} onClose={close} />}
      {asking === "discard" && <DiscardDialog ids={ids} onClose={close} />}
    </>
  );
}

function factsOf(letter: LetterDetail): Fact[] {
  const facts: Fact[] = [
    { label: "Status", value: <LetterStatus status={letter.status} /> },
    { label: "Recorded", value: <Time at={letter.recorded_at} as="full" /> },
    { label: "Sent", value: <Time at={letter.sent_at} as="full" /> },
    { label: "Delivered", value: letter.receive_count === 1 ? "Once" : `${letter.receive_count} times` },
  ];
  if (letter.status_by !== null)
    facts.push({ label: `${letter.status} by`, value: actorWords(letter.status_by) });
  if (letter.payment_id !== null) {
    facts.push({
      label: "Payment",
      value: <Link to={links.payment(letter.payment_id)}>{letter.payment_id}</Link>,
    });
  }
  if (letter.source !== null) facts.push({ label: "Source", value: letter.source });
  const named: readonly (readonly [string, string | null])[] = [
    ["Event", letter.event_id],
    ["Message", letter.message_id],
    ["Correlation", letter.correlation_id],
  ];
  for (const [label, value] of named) {
    if (value !== null)
      facts.push({ label, value: <Identifier value={value} what={`${label.toLowerCase()} id`} /> });
  }
  return facts;
}
