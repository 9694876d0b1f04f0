import { Link } from "react-router";
import type { Tone } from "@/ui/badges/badges";
import { Glyph, type GlyphName } from "@/ui/badges/glyph";
import classes from "./breakdown.module.css";
import { count, share } from "./figures";

interface BreakdownProps {
  label: string;
  words: Readonly<Record<string, { label: string; tone: Tone; glyph: GlyphName }>>;
  counts: Readonly<Record<string, number>>;
  href?: (value: string) => string;
}

/** How a whole splits: a table whose rows carry their own bars, in the vocabulary's order. */
export function Breakdown({ label, words, counts, href }: BreakdownProps) {
  const rows = [...new Set([...Object.keys(words), ...Object.keys(counts)])]
    .map((value) => ({ value, number: counts[value] ?? 0, word: words[value] }))
    .filter((row) => row.number > 0);
  const whole = rows.reduce((sum, row) => sum + row.number, 0);
  const most = Math.max(...rows.map((row) => row.number), 1);
  if (rows.length === 0) return <p className={classes.none}>Nothing in this window.</p>;
  return (
    <table className={classes.table} aria-label={label}>
      <tbody>
        {rows.map(({ value, number, word }) => {
          const name = word?.label ?? value.replaceAll("_", " ");
          return (
            <tr key={value}>
              <th scope="row" data-tone={word?.tone ?? "mute"}>
                <Glyph name={word?.glyph ?? "ring"} />
                {href === undefined ? name : <Link to={href(value)}>{name}</Link>}
              </th>
              <td className={classes.bar} aria-hidden="true">
                <span
                  data-tone={word?.tone ?? "mute"}
                  style={{ width: `${Math.max(0.6, (number / most) * 100)}%` }}
                />
              </td>
              <td className={classes.number}>{count(number)}</td>
              <td className={classes.share}>{share(number, whole)}</td>
            </tr>
          );
        })}
      </tbody>
    </table>
  );
}
