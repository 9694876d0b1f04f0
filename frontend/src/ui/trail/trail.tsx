import { Button } from "@mantine/core";
import { useMutation } from "@tanstack/react-query";
import { useState } from "react";
import { Link } from "react-router";
import { api, take } from "@/api/client";
import { randomId } from "@/api/identifiers";
import type { Body, Item } from "@/api/types";
import { useRefusal } from "@/ui/access/access";
import { GuardedButton } from "@/ui/access/guarded-button";
import { ProblemLine } from "@/ui/dialog/confirm";
import { NoteField } from "@/ui/dialog/note-field";
import { links } from "@/ui/links/links";
import { Time } from "@/ui/time/time";
import classes from "./trail.module.css";

export type TrailEntry = Item<"/audit">;

/** What a trail shows of an entry. */
export type Told = Pick<TrailEntry, "audit_id" | "action" | "actor" | "note" | "recorded_at">;

/** `alert.acknowledged` becomes `Alert acknowledged`. */
export function actionWords(action: string): string {
  const words = action.replaceAll(/[._]/g, " ");
  return words.charAt(0).toUpperCase() + words.slice(1);
}

/** `user:ada@example.com` is a person; everything else is a part of PayFlow and is written as it is. */
export function actorWords(actor: string): string {
  return actor.replace(/^user:/, "");
}

/** What was done with a thing and by whom, the newest first. */
export function Trail({ entries, empty }: { entries: readonly Told[]; empty: string }) {
  if (entries.length === 0) return <p className={classes.empty}>{empty}</p>;
  return (
    <ol className={classes.trail}>
      {entries.map((entry) => (
        <li key={entry.audit_id}>
          <div className={classes.head}>
            <Link to={links.auditEntry(entry.audit_id)}>{actionWords(entry.action)}</Link>
            <span className={classes.actor}>{actorWords(entry.actor)}</span>
            <span className={classes.at}>
              <Time at={entry.recorded_at} as="relative" />
            </span>
          </div>
          {entry.note !== null && <p className={classes.note}>{entry.note}</p>}
        </li>
      ))}
    </ol>
  );
}

export type NoteKind = Body<"/audit/notes", "post">["subject_kind"];

const NOTE_KINDS: readonly NoteKind[] = ["payment", "alert", "rule", "user", "dead_letter", "parked_fact"];

/** The kind, where the API takes notes on such things; sessions and the fleet have none. */
export function noteKind(kind: string): NoteKind | null {
  return NOTE_KINDS.find((each) => each === kind) ?? null;
}

interface AddNoteProps {
  subjectKind: NoteKind;
  subjectId: string;
  onAdded: () => void;
}

/** A note beside the trail of a thing. It can't be changed later, like everything in the audit log. */
export function AddNote({ subjectKind, subjectId, onAdded }: AddNoteProps) {
  const [open, setOpen] = useState(false);
  const [note, setNote] = useState("");
  const refusal = useRefusal("operator");
  const add = useMutation({
    mutationFn: () =>
      take(
        api.POST("/audit/notes", {
          params: { header: { "Idempotency-Key": randomId() } },
          body: { subject_kind: subjectKind, subject_id: subjectId, note: note.trim() },
        }),
      ),
    onSuccess: () => {
      setOpen(false);
      setNote("");
      onAdded();
    },
  });
  if (!open) {
    return (
      <GuardedButton variant="default" size="compact-xs" refusal={refusal} onClick={() => setOpen(true)}>
        Add a note
      </GuardedButton>
    );
  }
  return (
    <form
      className={classes.form}
      onSubmit={(event) => {
        event.preventDefault();
        if (note.trim() !== "") add.mutate();
      }}
    >
      <NoteField note={note} onNote={setNote} label="Note" autoFocus />
      {add.isError && <ProblemLine problem={add.error} />}
      <div className={classes.buttons}>
        <Button variant="default" size="compact-xs" onClick={() => setOpen(false)}>
          Cancel
        </Button>
        <Button type="submit" size="compact-xs" loading={add.isPending} disabled={note.trim() === ""}>
          Add the note
        </Button>
      </div>
    </form>
  );
}
