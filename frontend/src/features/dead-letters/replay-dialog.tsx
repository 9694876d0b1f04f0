import { TextInput } from "@mantine/core";
import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import { ConfirmDialog, ProblemLine } from "@/ui/dialog/confirm";
import { NoteField } from "@/ui/dialog/note-field";
import { LoadingBlock } from "@/ui/states/states";
import { toast } from "@/ui/toast/toast";
import { type Chosen, LETTERS_KEY, order, rehearse } from "./dead-letters";
import classes from "./dead-letters.module.css";
import { RehearsalView } from "./rehearsal-view";

const RATE_FIRST = "50";
const RATE_MAX_PER_S = 1_000;

/** The dry run comes first, always; what is confirmed is what it said. */
export function ReplayDialog({ chosen, onClose }: { chosen: Chosen; onClose: () => void }) {
  const client = useQueryClient();
  const [rate, setRate] = useState(RATE_FIRST);
  const [note, setNote] = useState("");
  const rehearsal = useQuery({
    queryKey: [...LETTERS_KEY, "rehearsal", chosen],
    queryFn: ({ signal }) => rehearse(chosen, signal),
    // Each opening asks anew: the books move on.
    staleTime: 0,
    gcTime: 0,
    refetchOnWindowFocus: false,
    retry: false,
  });
  const letters = rehearsal.data?.letters ?? 0;
  const perS = Number(rate);
  const rateFault =
    Number.isInteger(perS) && perS >= 1 && perS <= RATE_MAX_PER_S
      ? null
      : `A whole number from 1 to ${RATE_MAX_PER_S.toLocaleString("en-US")}.`;
  const send = useMutation({
    mutationFn: () => order(chosen, perS, note),
    onSuccess: () => {
      onClose();
      toast("The replay is under way; it goes on when this page is closed.");
    },
    onSettled: () => client.invalidateQueries({ queryKey: LETTERS_KEY }),
  });
  return (
    <ConfirmDialog
      opened
      title="Replay dead letters"
      confirm={letters > 0 ? `Replay ${counted(letters)}` : "Replay"}
      missing={
        rehearsal.data === undefined
          ? "The dry run comes first."
          : letters === 0
            ? "No letter is left."
            : rateFault
      }
      busy={send.isPending}
      problem={send.error ?? undefined}
      onClose={onClose}
      onConfirm={() => send.mutate()}
    >
      {rehearsal.data !== undefined ? (
        <>
          <p className={classes.text}>
            What would happen now, judged by the code of the worker and taken back:
          </p>
          <RehearsalView rehearsal={rehearsal.data} />
          <TextInput
            label="Letters a second"
            size="xs"
            inputMode="numeric"
            value={rate}
            error={rateFault}
            onChange={(event) => setRate(event.currentTarget.value)}
          />
          <NoteField note={note} onNote={setNote} label="Why" />
          <p className={classes.text}>
            They are sent as they came, with their ids: whatever was applied meanwhile is found to be a
            duplicate.
          </p>
        </>
      ) : rehearsal.isError ? (
        <ProblemLine problem={rehearsal.error} />
      ) : (
        <LoadingBlock height={150} />
      )}
    </ConfirmDialog>
  );
}

function counted(letters: number): string {
  return letters === 1 ? "1 letter" : `${letters.toLocaleString("en-US")} letters`;
}
