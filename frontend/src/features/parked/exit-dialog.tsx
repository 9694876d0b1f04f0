import { TextInput } from "@mantine/core";
import { useMutation, useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import { ApiProblem } from "@/api/problem";
import { ConfirmDialog } from "@/ui/dialog/confirm";
import { NoteField } from "@/ui/dialog/note-field";
import { toast } from "@/ui/toast/toast";
import { discardFact, linkFact, PARKED_KEY, type ParkedFact } from "./parked";
import classes from "./parked.module.css";

interface ExitDialogProps {
  exit: "link" | "discard";
  fact: ParkedFact;
  onClose: () => void;
  /** It is parked no more. */
  onGone: () => void;
}

/** The two ways out of parking that a person has to decide. */
export function ExitDialog({ exit, fact, onClose, onGone }: ExitDialogProps) {
  const client = useQueryClient();
  const [note, setNote] = useState("");
  const [to, setTo] = useState("");
  const linking = exit === "link";
  const leave = useMutation({
    mutationFn: () => (linking ? linkFact(fact, to, note) : discardFact(fact, note)),
    onSuccess: () => {
      onClose();
      onGone();
      toast(linking ? `Applied to ${to.trim()}.` : "The fact is discarded.");
    },
    onSettled: () => client.invalidateQueries({ queryKey: [...PARKED_KEY, "list"] }),
  });
  const fault = leave.error instanceof ApiProblem ? leave.error.fault("to_payment_id") : undefined;
  const missing =
    linking && to.trim() === ""
      ? "Which payment does it belong to?"
      : note.trim() === ""
        ? "A note says why."
        : null;
  return (
    <ConfirmDialog
      opened
      title={linking ? "Link to another payment" : "Discard the fact"}
      confirm={linking ? "Apply it there" : "Discard it"}
      danger={!linking}
      missing={missing}
      busy={leave.isPending}
      problem={leave.isError && fault === undefined ? leave.error : undefined}
      onClose={onClose}
      onConfirm={() => leave.mutate()}
    >
      <p className={classes.text}>
        {linking
          ? "For a reference that led to the wrong payment: the same event is applied to the right one and leaves this one, in one transaction. It happens only if it applies there."
          : "It never takes effect. The event stays known: if the provider sends it once more, it is a duplicate."}
      </p>
      {linking && (
        <TextInput
          label="Payment that it belongs to"
          placeholder="pay_…"
          data-autofocus
          spellCheck={false}
          autoComplete="off"
          value={to}
          error={fault}
          onChange={(event) => setTo(event.currentTarget.value)}
        />
      )}
      <NoteField note={note} onNote={setNote} label="Why" required autoFocus={!linking} />
    </ConfirmDialog>
  );
}
