import { Textarea } from "@mantine/core";

export const NOTE_CHARACTERS_MAX = 1_000;

interface NoteFieldProps {
  note: string;
  onNote: (note: string) => void;
  /** What the note should answer: "Why is it discarded?" */
  label: string;
  required?: boolean;
  autoFocus?: boolean;
}

/** Why something is done, in the operator's words; it is kept in the audit log. */
export function NoteField({ note, onNote, label, required = false, autoFocus = false }: NoteFieldProps) {
  return (
    <Textarea
      label={label}
      description="Kept in the audit log with your name."
      value={note}
      onChange={(event) => onNote(event.currentTarget.value)}
      maxLength={NOTE_CHARACTERS_MAX}
      required={required}
      withAsterisk={required}
      data-autofocus={autoFocus || undefined}
      autosize
      minRows={2}
      maxRows={6}
    />
  );
}
