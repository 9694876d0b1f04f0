import classes from "./difference.module.css";
import { lineDifference } from "./line-difference";

const SIGNS = { same: " ", added: "+", removed: "−" } as const;

/** Two versions of a condition, line by line; a sign tells added from removed, colour only helps. */
export function Difference({ older, newer, label }: { older: string; newer: string; label: string }) {
  const lines = lineDifference(older, newer);
  return (
    // biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls has to be reachable by keyboard
    <div className={classes.frame} role="region" aria-label={label} tabIndex={0}>
      <table className={classes.table}>
        <tbody>
          {lines.map((line) => (
            <tr key={`${line.older} ${line.newer}`} data-change={line.change}>
              <td className={classes.number}>{line.older}</td>
              <td className={classes.number}>{line.newer}</td>
              <td className={classes.sign}>{SIGNS[line.change]}</td>
              <td>
                <code>{line.text}</code>
              </td>
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}
