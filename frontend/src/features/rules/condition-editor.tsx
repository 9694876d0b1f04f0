import { type Ref, useId, useImperativeHandle, useRef, useState } from "react";
import { useKeys } from "@/ui/keys/keys";
import classes from "./condition-editor.module.css";
import { type ConditionError, marksOf, piecesOf } from "./error-marks";

export interface ConditionHandle {
  /** Writes a text at the caret, as when a field is chosen from the vocabulary. */
  insert: (text: string) => void;
}

interface ConditionEditorProps {
  condition: string;
  onCondition: (condition: string) => void;
  errors: readonly ConditionError[];
  /** What is known of it now: being compiled, right, or wrong. */
  standing: "checking" | "valid" | "invalid" | "unknown";
  readOnly: boolean;
  onTry: () => void;
  ref?: Ref<ConditionHandle>;
}

/** The compiler's cap on the bytes of a condition. */
export const CONDITION_CHARACTERS_MAX = 4_096;

/**
 * A text area above a copy of its text in which errors are marked: it types, selects, undoes and reads aloud like any
 * other, and the marks stay where the compiler put them.
 */
export function ConditionEditor(props: ConditionEditorProps) {
  const { condition, errors } = props;
  const area = useRef<HTMLTextAreaElement>(null);
  const [caret, setCaret] = useState({ line: 1, column: 1 });
  const errorsId = useId();
  const marks = marksOf(condition, errors);

  const goTo = (start: number, end: number) => {
    area.current?.focus();
    area.current?.setSelectionRange(start, end);
  };
  useImperativeHandle(props.ref, () => ({
    insert: (text) => {
      const field = area.current;
      if (field === null) return;
      const { selectionStart: start, selectionEnd: end } = field;
      props.onCondition(condition.slice(0, start) + text + condition.slice(end));
      requestAnimationFrame(() => goTo(start + text.length, start + text.length));
    },
  }));
  useKeys([{ keys: "mod+enter", label: "Try the condition", group: "Rule", run: props.onTry, always: true }]);

  return (
    <div className={classes.editor} data-standing={props.standing}>
      <div className={classes.stack}>
        <pre className={classes.under} aria-hidden>
          {piecesOf(condition, marks).map(({ at, text, error }) =>
            error === null ? <span key={at}>{text}</span> : <mark key={at}>{text}</mark>,
          )}
          {"\n"}
        </pre>
        <textarea
          ref={area}
          className={classes.area}
          aria-label="Condition"
          aria-invalid={props.standing === "invalid"}
          aria-describedby={errorsId}
          spellCheck={false}
          autoCapitalize="off"
          autoComplete="off"
          readOnly={props.readOnly}
          maxLength={CONDITION_CHARACTERS_MAX}
          value={condition}
          onChange={(event) => props.onCondition(event.currentTarget.value)}
          onSelect={(event) => setCaret(placeOf(event.currentTarget))}
        />
      </div>
      <footer className={classes.foot}>
        <output className={classes.standing}>{WORDS[props.standing]}</output>
        <span className={classes.caret}>
          Line {caret.line}, column {caret.column}
        </span>
      </footer>
      <ul id={errorsId} className={classes.errors} aria-label="What is wrong" hidden={errors.length === 0}>
        {errors.map((error) => {
          const mark = marks.find((each) => each.line === error.line && each.column === error.column);
          const place = error.line > 0 ? `Line ${error.line}, column ${error.column}` : null;
          return (
            <li key={`${error.line} ${error.column} ${error.message}`}>
              {place !== null && mark !== undefined && (
                <button type="button" className={classes.place} onClick={() => goTo(mark.start, mark.end)}>
                  {place}
                </button>
              )}
              <span>{error.message}</span>
            </li>
          );
        })}
      </ul>
    </div>
  );
}

const WORDS: Readonly<Record<ConditionEditorProps["standing"], string>> = {
  checking: "Compiling…",
  valid: "It compiles.",
  invalid: "It does not compile.",
  unknown: "It could not be checked; saving will.",
};

function placeOf({ value, selectionStart }: HTMLTextAreaElement): { line: number; column: number } {
  const before = value.slice(0, selectionStart).split("\n");
  return { line: before.length, column: Array.from(before.at(-1) ?? "").length + 1 };
}
