import { Button, TextInput } from "@mantine/core";
import { useMutation, useQueryClient } from "@tanstack/react-query";
import { type FormEvent, useState } from "react";
import { api, take } from "@/api/client";
import { randomId } from "@/api/identifiers";
import { useRefusal } from "@/ui/access/access";
import { problemToast } from "@/ui/toast/toast";
import classes from "./note-form.module.css";
import { paymentKey } from "./use-payment";

/** A line for whoever looks at this payment next; it becomes an entry of the audit log. */
export function NoteForm({ paymentId }: { paymentId: string }) {
  const [note, setNote] = useState("");
  const refusal = useRefusal("operator");
  const client = useQueryClient();
  const add = useMutation({
    mutationFn: (text: string) =>
      take(
        api.POST("/audit/notes", {
          params: { header: { "Idempotency-Key": randomId() } },
          body: { subject_kind: "payment", subject_id: paymentId, note: text },
        }),
      ),
    onSuccess: () => {
      setNote("");
      return client.invalidateQueries({ queryKey: paymentKey(paymentId) });
    },
    onError: (error) => problemToast("The note was not kept", error),
  });
  if (refusal !== null) return null;
  const submit = (event: FormEvent) => {
    event.preventDefault();
    if (note.trim() !== "") add.mutate(note.trim());
  };
  return (
    <form className={classes.form} onSubmit={submit}>
      <TextInput
        className={classes.input}
        size="xs"
        aria-label="Note on this payment"
        placeholder="Note on this payment"
        maxLength={2000}
        value={note}
        onChange={(event) => setNote(event.currentTarget.value)}
      />
      <Button type="submit" size="xs" variant="default" loading={add.isPending} disabled={note.trim() === ""}>
        Add
      </Button>
    </form>
  );
}
