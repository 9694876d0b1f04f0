import { formatMinor } from "./money";
import classes from "./money.module.css";

interface AmountProps {
  minor: number | bigint;
  currency: string | null;
  exponent: number;
  /** Quiet amounts are zero or beside the point. */
  quiet?: boolean;
  /** Leaves the currency out where a heading names it. */
  bare?: boolean;
}

/** An exact amount with its currency, in tabular figures. */
export function Amount({ minor, currency, exponent, quiet, bare }: AmountProps) {
  return (
    <span className={classes.amount} data-quiet={(quiet ?? BigInt(minor) === 0n) || undefined}>
      {formatMinor(minor, exponent)}
      {!bare && currency !== null && <span className={classes.currency}>{currency}</span>}
    </span>
  );
}
