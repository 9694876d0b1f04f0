import type { TransactionRow } from "@/api/types";
import { Badge, DisputeBadge, StatusBadge } from "@/ui/badges/badges";
import { formatMinor } from "@/ui/money/money";
import classes from "./headline.module.css";

/** The amount and the states: what one looks for first. */
export function Headline({ payment }: { payment: TransactionRow }) {
  return (
    <div className={classes.headline}>
      <span className={classes.amount}>
        {formatMinor(payment.amount_minor, payment.exponent)}
        <span className={classes.currency}>{payment.currency}</span>
      </span>
      <span className={classes.states}>
        <StatusBadge status={payment.status} />
        <DisputeBadge status={payment.dispute_status} />
        {payment.archived && (
          <Badge tone="mute" glyph="struck">
            Archived
          </Badge>
        )}
      </span>
    </div>
  );
}
