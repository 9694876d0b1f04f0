import type { TransactionRow } from "@/api/types";
import { Amount } from "@/ui/money/amount";
import { Section } from "@/ui/page/page-frame";
import classes from "./money-section.module.css";
import { SUM_LABELS, shares, shownSums } from "./sums";

/** Where the money is: one bar for the eye, all sums for the books. */
export function MoneySection({ payment }: { payment: TransactionRow }) {
  const { sums, currency, exponent } = payment;
  const parts = shares(sums);
  const over = BigInt(sums.over_returned_minor);
  return (
    <Section title="Money">
      {parts.length > 0 && (
        <div className={classes.bar} aria-hidden>
          {parts.map((part) => (
            <span
              key={part.id}
              className={classes.part}
              data-pending={part.pending || undefined}
              style={{ flexGrow: Number(part.minor), color: `var(${part.color})` }}
              title={part.label}
            />
          ))}
        </div>
      )}
      {parts.length > 0 && (
        <ul className={classes.legend} aria-label="Where the money is">
          {parts.map((part) => (
            <li key={part.id}>
              <span
                className={classes.swatch}
                data-pending={part.pending || undefined}
                style={{ color: `var(${part.color})` }}
                aria-hidden
              />
              {part.label} <Amount minor={part.minor} currency={currency} exponent={exponent} bare />
            </li>
          ))}
        </ul>
      )}
      {over > 0n && (
        <p className={classes.over} role="alert">
          <Amount minor={over} currency={currency} exponent={exponent} quiet={false} /> more went back than
          was captured.
        </p>
      )}
      <dl className={classes.sums}>
        {shownSums(sums).map((name) => (
          <div key={name}>
            <dt>{SUM_LABELS[name]}</dt>
            <dd>
              <Amount minor={sums[name]} currency={currency} exponent={exponent} />
            </dd>
          </div>
        ))}
      </dl>
    </Section>
  );
}
