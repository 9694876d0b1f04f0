/** From the place of an error, as the compiler tells it, to the characters that the editor marks. */

export interface ConditionError {
  /** Both count from 1 and are 0 where no place is at fault. */
  line: number;
  column: number;
  message: string;
}

export interface Mark extends ConditionError {
  start: number;
  end: number;
}

const WORD = /^(?:[A-Za-z_][\w.]*|\d+|"(?:[^"\\\n]|\\.)*"?|'(?:[^'\\\n]|\\.)*'?|[^\s\w]{1,2}|.)/u;

/** Mark the word that starts at each place; an error at the very end marks the last character. */
export function marksOf(condition: string, errors: readonly ConditionError[]): Mark[] {
  return errors
    .filter((error) => error.line > 0)
    .map((error) => {
      const start = Math.min(
        offsetOf(condition, error.line, error.column),
        Math.max(condition.length - 1, 0),
      );
      const word = WORD.exec(condition.slice(start))?.[0] ?? "";
      return { ...error, start, end: Math.min(start + Math.max(word.length, 1), condition.length) };
    })
    .sort((left, right) => left.start - right.start);
}

/** Columns count characters as the compiler does, so one outside the basic plane is one column and two units here. */
export function offsetOf(condition: string, line: number, column: number): number {
  const lines = condition.split("\n");
  const passed = lines.slice(0, line - 1).reduce((length, text) => length + text.length + 1, 0);
  const characters = Array.from(lines[line - 1] ?? "");
  return passed + characters.slice(0, Math.max(column - 1, 0)).join("").length;
}

export interface Piece {
  /** Its first character. */
  at: number;
  text: string;
  error: string | null;
}

/** Cut the condition into pieces with and without an error, to be laid under the text area. */
export function piecesOf(condition: string, marks: readonly Mark[]): Piece[] {
  const pieces: Piece[] = [];
  let at = 0;
  for (const mark of marks) {
    if (mark.start < at) continue;
    if (mark.start > at) pieces.push({ at, text: condition.slice(at, mark.start), error: null });
    pieces.push({ at: mark.start, text: condition.slice(mark.start, mark.end), error: mark.message });
    at = mark.end;
  }
  if (at < condition.length) pieces.push({ at, text: condition.slice(at), error: null });
  return pieces;
}
