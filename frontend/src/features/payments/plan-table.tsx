import { ArrowRight } from "lucide-react";
import type { CommandOutcome, TransactionRow } from "@/api/types";
import { StatusBadge } from "@/ui/badges/badges";
import { formatMinor } from "@/ui/money/money";
import classes from "./plan-table.module.css";
import { SUM_LABELS, type SumName } from "./sums";

/** The sums that a command would change, before and after, and the status that would follow. */
export function PlanTable({ outcome, payment }: { outcome: CommandOutcome; payment: TransactionRow }) {
  const changes = Object.entries(outcome.changes as Record<string, { from: number; to: number }>);
  const after = outcome.transaction.status;
  const money = (minor: number) => formatMinor(minor, payment.exponent);
  return (
    <table className={classes.plan}>
      <caption>What would change at once, in {payment.currency}</caption>
      <thead>
        <tr>
          <th scope="col">Sum</th>
          <th scope="col">Now</th>
          <th scope="col">Then</th>
        </tr>
      </thead>
      <tbody>
        {changes.map(([name, change]) => (
          <tr key={name}>
            <th scope="row">{SUM_LABELS[name as SumName] ?? name}</th>
            <td>{money(change.from)}</td>
            <td>{money(change.to)}</td>
          </tr>
        ))}
        <tr>
          <th scope="row">Status</th>
          <td colSpan={2}>
            <span className={classes.status}>
              <StatusBadge status={payment.status} />
              {after === payment.status ? (
                <span className={classes.same}>stays until the provider answers</span>
              ) : (
                <>
                  <ArrowRight size={13} aria-label="becomes" />
                  <StatusBadge status={after} />
                </>
              )}
            </span>
          </td>
        </tr>
      </tbody>
    </table>
  );
}
