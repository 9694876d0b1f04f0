import { Link } from "react-router";
import type { Dashboard } from "@/api/types";
import { links } from "@/ui/links/links";
import { Amount } from "@/ui/money/amount";
import classes from "./amounts.module.css";

/** Money by currency. Currencies are never added up: there is no rate in here to do it with. */
export function Amounts({ amounts }: { amounts: Dashboard["amounts"] }) {
  if (amounts.length === 0) return <p className={classes.none}>No money moved in this window.</p>;
  return (
    <table className={classes.table} aria-label="Amounts by currency">
      <thead>
        <tr>
          <th scope="col">Currency</th>
          <th scope="col">Captured</th>
          <th scope="col">Refunded</th>
          <th scope="col">Disputed</th>
        </tr>
      </thead>
      <tbody>
        {amounts.map(({ currency, exponent, ...sums }) => (
          <tr key={`${currency} ${exponent}`}>
            <th scope="row">
              <Link to={links.payments({ currency })}>{currency}</Link>
            </th>
            {[sums.captured_minor, sums.refunded_minor, sums.disputed_minor].map((minor, index) => (
              // biome-ignore lint/suspicious/noArrayIndexKey: three columns in a fixed order
              <td key={index}>
                <Amount minor={minor} currency={currency} exponent={exponent} bare />
              </td>
            ))}
          </tr>
        ))}
      </tbody>
    </table>
  );
}
