import { SegmentedControl } from "@mantine/core";
import { useMemo, useState } from "react";
import { parseExact, printExact } from "@/api/exact-json";
import { CopyButton } from "@/ui/copy/copy-button";
import { Section } from "@/ui/page/page-frame";
import { byteRows, bytesOfBase64, bytesOfText } from "./byte-rows";
import classes from "./dead-letters.module.css";
import { type Place, placeOf } from "./json-place";

const ROWS_MAX = 1_024;

type View = "indented" | "raw" | "bytes";

interface BodyViewProps {
  /** The body where it is UTF-8. */
  text: string | null;
  /** The bytes where they are not. */
  base64: string | null;
  /** The JSON path at fault, if the fault has one. */
  path: string | null;
}

/** The body byte for byte as it came, with the place at fault marked. */
export function BodyView({ text, base64, path }: BodyViewProps) {
  const bytes = useMemo(
    () => (text === null ? bytesOfBase64(base64 ?? "") : bytesOfText(text)),
    [text, base64],
  );
  const indented = useMemo(() => (text === null ? null : indentedOf(text)), [text]);
  const [chosen, setChosen] = useState<View | null>(null);
  const view = chosen ?? (indented !== null ? "indented" : text !== null ? "raw" : "bytes");
  const shown = view === "indented" ? indented : text;
  return (
    <Section
      title="The body as it came"
      aside={
        <>
          <span>{bytes.length.toLocaleString("en-US")} bytes</span>
          <SegmentedControl
            size="xs"
            aria-label="Show the body as"
            value={view}
            onChange={(value) => setChosen(value as View)}
            data={[
              { value: "indented", label: "Indented", disabled: indented === null },
              { value: "raw", label: "As it came", disabled: text === null },
              { value: "bytes", label: "Bytes" },
            ]}
          />
        </>
      }
    >
      {view === "bytes" || shown === null ? (
        <Bytes bytes={bytes} />
      ) : (
        <Marked text={shown} place={path === null ? null : placeOf(shown, path)} path={path} />
      )}
    </Section>
  );
}

function Marked({ text, place, path }: { text: string; place: Place | null; path: string | null }) {
  return (
    <>
      {path !== null && place?.exact !== true && (
        <p className={classes.placeless}>
          <code>{path}</code> {place === null ? "is not there." : "is missing in the marked part."}
        </p>
      )}
      <div className={classes.bodyFrame}>
        <div className={classes.copy}>
          <CopyButton value={text} label="Copy the body" />
        </div>
        {/* biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls has to be reachable by keyboard */}
        <pre className={classes.body} tabIndex={0} role="region" aria-label="Body">
          {place === null ? (
            text
          ) : (
            <>
              {text.slice(0, place.start)}
              <mark data-exact={place.exact || undefined}>{text.slice(place.start, place.end)}</mark>
              {text.slice(place.end)}
            </>
          )}
        </pre>
      </div>
    </>
  );
}

function Bytes({ bytes }: { bytes: Uint8Array }) {
  const rows = byteRows(bytes, ROWS_MAX);
  const hidden = bytes.length - ROWS_MAX * 16;
  return (
    <>
      {/* biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls has to be reachable by keyboard */}
      <pre className={classes.body} tabIndex={0} role="region" aria-label="Bytes of the body">
        {rows.map((row) => `${row.offset}  ${row.hex.padEnd(47)}  ${row.characters}\n`).join("")}
      </pre>
      {hidden > 0 && (
        <p className={classes.placeless}>{hidden.toLocaleString("en-US")} bytes more are not shown.</p>
      )}
    </>
  );
}

function indentedOf(text: string): string | null {
  try {
    return printExact(parseExact(text));
  } catch {
    return null;
  }
}
