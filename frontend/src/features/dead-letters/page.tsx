import { useState } from "react";
import { useRefusal } from "@/ui/access/access";
import { GuardedButton } from "@/ui/access/guarded-button";
import { ListFrame } from "@/ui/list/list-frame";
import { Presets } from "@/ui/list/presets";
import { apiQuery, isFiltered } from "@/ui/list/url-state";
import { useListUrl } from "@/ui/list/use-list-url";
import {
  type Chosen,
  fetchLetters,
  LETTERS_KEY,
  type Letter,
  type LetterFilter,
  type LettersQuery,
} from "./dead-letters";
import { DiscardDialog } from "./discard-dialog";
import { Groups } from "./groups";
import { LetterBody } from "./letter-body";
import { LETTER_PRESETS, lettersList } from "./letters-list";
import { ReplayDialog } from "./replay-dialog";
import { Replays } from "./replays";

const POLL_MS = 10_000;

export default function DeadLettersPage() {
  const { state } = useListUrl(lettersList);
  const refusal = useRefusal("operator");
  const [replaying, setReplaying] = useState<Chosen | null>(null);
  const [discarding, setDiscarding] = useState<string[] | null>(null);
  const unfiltered = isFiltered(state) ? null : "Filter first: a class, a reason or a time.";
  const replayFiltered = () => {
    const { limit: _limit, cursor: _cursor, ...filter } = apiQuery(state, lettersList, Date.now());
    setReplaying({ filter: filter as LetterFilter });
  };
  return (
    <>
      <ListFrame<Letter, LettersQuery>
        title="Dead letters"
        definition={lettersList}
        queryKey={LETTERS_KEY}
        rowKey={(letter) => letter.dead_letter_id}
        fetchPage={fetchLetters}
        pollMs={POLL_MS}
        empty={{
          title: "No dead letters",
          text: "Deliveries that PayFlow refused, or could not decide, come here.",
        }}
        actions={
          <GuardedButton size="xs" variant="default" refusal={refusal ?? unfiltered} onClick={replayFiltered}>
            Replay what is filtered
          </GuardedButton>
        }
        above={
          <>
            <Presets definition={lettersList} presets={LETTER_PRESETS} />
            <Replays />
            <Groups />
          </>
        }
        panel={{ title: (key) => `Dead letter ${key}`, body: (key) => <LetterBody letterId={key} /> }}
        bulk={(letters) => {
          const ids = letters.map((letter) => letter.dead_letter_id);
          return (
            <>
              <GuardedButton size="compact-xs" refusal={refusal} onClick={() => setReplaying({ ids })}>
                Replay
              </GuardedButton>
              <GuardedButton
                size="compact-xs"
                variant="default"
                refusal={refusal}
                onClick={() => setDiscarding(ids)}
              >
                Discard
              </GuardedButton>
            </>
          );
        }}
      />
      {replaying !== null && <ReplayDialog chosen={replaying} onClose={() => setReplaying(null)} />}
      {discarding !== null && <DiscardDialog ids={discarding} onClose={() => setDiscarding(null)} />}
    </>
  );
}
