import { Fragment, useMemo } from "react";
import { printExact } from "@/api/exact-json";
import { CopyButton } from "@/ui/copy/copy-button";
import classes from "./json-view.module.css";

const TOKEN = /("(?:[^"\\]|\\.)*")(\s*:)?|(-?\d[\d.eE+-]*)|\b(true|false|null)\b/g;

interface Piece {
  at: number;
  text: string;
  kind: "key" | "string" | "number" | "word" | "plain";
}

/** JSON as it is, indented, with every number written exactly as it came. */
export function JsonView({ value, label }: { value: unknown; label: string }) {
  const text = useMemo(() => printExact(value), [value]);
  const pieces = useMemo(() => piecesOf(text), [text]);
  return (
    <div className={classes.frame}>
      <div className={classes.copy}>
        <CopyButton value={text} label={`Copy ${label}`} />
      </div>
      {/* biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls has to be reachable by keyboard */}
      <pre className={classes.text} tabIndex={0} aria-label={label} role="region">
        {pieces.map((piece) =>
          piece.kind === "plain" ? (
            <Fragment key={piece.at}>{piece.text}</Fragment>
          ) : (
            <span key={piece.at} className={classes[piece.kind]}>
              {piece.text}
            </span>
          ),
        )}
      </pre>
    </div>
  );
}

function piecesOf(text: string): Piece[] {
  const pieces: Piece[] = [];
  let last = 0;
  const push = (at: number, piece: string, kind: Piece["kind"]) => {
    if (piece !== "") pieces.push({ at, text: piece, kind });
  };
  for (const match of text.matchAll(TOKEN)) {
    const [whole, quoted, colon, number] = match;
    push(last, text.slice(last, match.index), "plain");
    if (quoted !== undefined) {
      push(match.index, quoted, colon === undefined ? "string" : "key");
      push(match.index + quoted.length, colon ?? "", "plain");
    } else push(match.index, whole, number === undefined ? "word" : "number");
    last = match.index + whole.length;
  }
  push(last, text.slice(last), "plain");
  return pieces;
}
