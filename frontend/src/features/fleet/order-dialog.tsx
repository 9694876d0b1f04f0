import { useMutation, useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import { ConfirmDialog } from "@/ui/dialog/confirm";
import { NoteField } from "@/ui/dialog/note-field";
import { toast, undoToast } from "@/ui/toast/toast";
import { FLEET_KEY, give, type Order } from "./fleet";
import classes from "./fleet.module.css";

const WORDS: Readonly<Record<Order, { verb: string; past: string; text: string }>> = {
  pause: {
    verb: "Pause",
    past: "paused",
    text: "Nothing more is received; what is in hand is finished. Messages wait in the queue, and none burns an attempt.",
  },
  resume: { verb: "Resume", past: "resumed", text: "It receives again, within a second or two." },
  drain: {
    verb: "Drain",
    past: "draining",
    text: "Nothing more is received; what is in hand is finished or given back. Resume ends it.",
  },
};

interface OrderDialogProps {
  order: Order;
  /** One worker, or null for all. */
  worker: string | null;
  onClose: () => void;
}

export function OrderDialog({ order, worker, onClose }: OrderDialogProps) {
  const client = useQueryClient();
  const [note, setNote] = useState("");
  const words = WORDS[order];
  const subject = worker ?? "the fleet";
  const put = useMutation({
    mutationFn: (wanted: Order) => give(wanted, worker, note),
    onSettled: () => client.invalidateQueries({ queryKey: FLEET_KEY }),
  });
  const confirm = () =>
    put.mutate(order, {
      onSuccess: () => {
        onClose();
        const message = `${subject === "the fleet" ? "The fleet" : subject}: ${words.past}`;
        if (order === "pause") undoToast(message, async () => void (await put.mutateAsync("resume")));
        else toast(message);
      },
    });
  return (
    <ConfirmDialog
      opened
      title={`${words.verb} ${subject}`}
      confirm={`${words.verb} ${subject}`}
      danger={order === "drain"}
      busy={put.isPending}
      problem={put.error ?? undefined}
      onClose={onClose}
      onConfirm={confirm}
    >
      <p className={classes.text}>{words.text}</p>
      <NoteField note={note} onNote={setNote} label="Why" autoFocus />
    </ConfirmDialog>
  );
}
