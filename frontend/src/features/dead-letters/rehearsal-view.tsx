import { VerdictBadge } from "@/ui/badges/badges";
import { Code } from "@/ui/copy/identifier";
import { Amount } from "@/ui/money/amount";
import { reasonWords } from "./classes";
import type { Rehearsal } from "./dead-letters";
import classes from "./dead-letters.module.css";

/** What would become of each letter, and by how much the sums of payments would change, currency by currency. */
export function RehearsalView({ rehearsal }: { rehearsal: Rehearsal }) {
  const verdicts = Object.entries(rehearsal.counts).sort(([, left], [, right]) => right - left);
  const freed = Object.values(rehearsal.parked_freed).reduce((sum, count) => sum + count, 0);
  return (
    <div className={classes.rehearsal}>
      <ul className={classes.verdicts} aria-label="What would become of them">
        {verdicts.map(([verdict, count]) => (
          <li key={verdict}>
            <strong>{count.toLocaleString("en-US")}</strong> <VerdictBadge verdict={verdict} />
          </li>
        ))}
      </ul>
      <Moved moved={rehearsal.moved} />
      {freed > 0 && (
        <p className={classes.text}>
          {freed.toLocaleString("en-US")} parked {freed === 1 ? "fact" : "facts"} would be applied with them.
        </p>
      )}
      {rehearsal.sample.length > 0 && (
        <details>
          <summary>Letter by letter</summary>
          <ul className={classes.foreseen}>
            {rehearsal.sample.map((letter) => (
              <li key={letter.dead_letter_id}>
                <VerdictBadge verdict={letter.verdict} />
                <span>{letter.type ?? letter.rule ?? reasonWords(letter.reason)}</span>
                {letter.payment_id !== null && <Code>{letter.payment_id}</Code>}
                {letter.amount_minor !== null && (
                  <Amount
                    minor={letter.amount_minor}
                    currency={letter.currency}
                    exponent={letter.exponent ?? 0}
                  />
                )}
              </li>
            ))}
          </ul>
          {rehearsal.letters > rehearsal.sample.length && (
            <p className={classes.text}>The first {rehearsal.sample.length} are shown.</p>
          )}
        </details>
      )}
    </div>
  );
}

function Moved({ moved }: { moved: Rehearsal["moved"] }) {
  if (moved.length === 0) return <p className={classes.text}>No money would move.</p>;
  return (
    <table className={classes.moved} aria-label="Money that would move">
      <thead>
        <tr>
          <th scope="col">Sum of payments</th>
          <th scope="col">Change</th>
        </tr>
      </thead>
      <tbody>
        {moved.map((each) => (
          <tr key={`${each.currency} ${each.exponent} ${each.sum}`}>
            <th scope="row">{reasonWords(each.sum.replace(/_minor$/, ""))}</th>
            <td>
              {each.change_minor > 0 && "+"}
              <Amount minor={each.change_minor} currency={each.currency} exponent={each.exponent} />
            </td>
          </tr>
        ))}
      </tbody>
    </table>
  );
}
