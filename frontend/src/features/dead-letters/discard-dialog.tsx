import { useMutation, useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import { ConfirmDialog } from "@/ui/dialog/confirm";
import { NoteField } from "@/ui/dialog/note-field";
import { toast } from "@/ui/toast/toast";
import { discard, LETTERS_KEY } from "./dead-letters";
import classes from "./dead-letters.module.css";

export function DiscardDialog({ ids, onClose }: { ids: string[]; onClose: () => void }) {
  const client = useQueryClient();
  const [note, setNote] = useState("");
  const close = useMutation({
    mutationFn: () => discard(ids, note),
    onSuccess: ({ discarded }) => {
      onClose();
      toast(discarded === 1 ? "The letter is discarded." : `${discarded} letters are discarded.`);
    },
    onSettled: () => client.invalidateQueries({ queryKey: LETTERS_KEY }),
  });
  const what = ids.length === 1 ? "the letter" : `${ids.length} letters`;
  return (
    <ConfirmDialog
      opened
      title={`Discard ${what}`}
      confirm={`Discard ${what}`}
      danger
      missing={note.trim() === "" ? "A note says why." : null}
      busy={close.isPending}
      problem={close.error ?? undefined}
      onClose={onClose}
      onConfirm={() => close.mutate()}
    >
      <p className={classes.text}>
        Closed without a replay: it has no effect on its payment. The row and its body stay.
      </p>
      <NoteField note={note} onNote={setNote} label="Why it needs no replay" required autoFocus />
    </ConfirmDialog>
  );
}
