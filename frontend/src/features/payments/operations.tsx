import type { PaymentOperation, TransactionDetail } from "@/api/types";
import { Badge, type Tone } from "@/ui/badges/badges";
import type { GlyphName } from "@/ui/badges/glyph";
import { Code } from "@/ui/copy/identifier";
import { Amount } from "@/ui/money/amount";
import { Section } from "@/ui/page/page-frame";
import { Time } from "@/ui/time/time";
import classes from "./related.module.css";

const STATES: Readonly<Record<string, { tone: Tone; glyph: GlyphName }>> = {
  requested: { tone: "info", glyph: "dashed" },
  pending: { tone: "info", glyph: "dashed" },
  unknown: { tone: "warn", glyph: "ring" },
  succeeded: { tone: "good", glyph: "full" },
  stated: { tone: "good", glyph: "full" },
  failed: { tone: "bad", glyph: "cross" },
};

export interface Placed {
  operation: PaymentOperation;
  depth: number;
}

const KINDS = ["authorization", "adjustment", "release", "capture", "refund", "dispute"];

/** Authorizations before what was done with them; in a kind, as they occurred. */
function inOrder(a: PaymentOperation, b: PaymentOperation): number {
  const rank = (operation: PaymentOperation) => KINDS.findIndex((kind) => operation.kind.startsWith(kind));
  return rank(a) - rank(b) || Date.parse(a.occurred_at) - Date.parse(b.occurred_at);
}

/** Children below their parents; an operation whose parent is not known stands at the root. */
export function placed(given: readonly PaymentOperation[]): Placed[] {
  const operations = [...given].sort(inOrder);
  const known = new Set(operations.map((operation) => operation.operation_id));
  const childrenOf = (id: string | null) =>
    operations.filter((operation) => {
      const parent = operation.parent_id;
      const own = parent !== null && parent !== operation.operation_id && known.has(parent) ? parent : null;
      return own === id;
    });
  const seen = new Set<PaymentOperation>();
  const walk = (id: string | null, depth: number): Placed[] =>
    childrenOf(id).flatMap((operation) => {
      if (seen.has(operation)) return [];
      seen.add(operation);
      return [{ operation, depth }, ...walk(operation.operation_id, depth + 1)];
    });
  const rooted = walk(null, 0);
  const rest = operations
    .filter((operation) => !seen.has(operation))
    .map((operation) => ({ operation, depth: 0 }));
  return [...rooted, ...rest];
}

export function Operations({ payment }: { payment: TransactionDetail }) {
  if (payment.operations.length === 0) return null;
  return (
    <Section title="Operations" flush>
      <table className={classes.table}>
        <thead>
          <tr>
            <th scope="col">Operation</th>
            <th scope="col">State</th>
            <th scope="col" data-align="end">
              Amount
            </th>
            <th scope="col" data-align="end">
              Occurred
            </th>
          </tr>
        </thead>
        <tbody>
          {placed(payment.operations).map(({ operation, depth }) => {
            const state = STATES[operation.state] ?? { tone: "mute" as const, glyph: "ring" as const };
            return (
              <tr key={`${operation.source} ${operation.kind} ${operation.operation_id}`}>
                <td>
                  <span style={{ paddingInlineStart: depth * 14 }} className={classes.operation}>
                    {depth > 0 && <span className={classes.branch} aria-hidden />}
                    <span>
                      {operation.kind.replaceAll("_", " ")}
                      <span className={classes.under}>
                        <Code>{operation.operation_id}</Code>
                      </span>
                    </span>
                  </span>
                </td>
                <td>
                  <Badge tone={state.tone} glyph={state.glyph}>
                    {operation.state.replaceAll("_", " ")}
                  </Badge>
                  {operation.reason !== null && (
                    <span className={classes.under}>{operation.reason.replaceAll("_", " ")}</span>
                  )}
                </td>
                <td data-align="end">
                  <Amount
                    minor={operation.amount_minor}
                    currency={payment.currency}
                    exponent={payment.exponent}
                  />
                </td>
                <td data-align="end">
                  <Time at={operation.occurred_at} />
                </td>
              </tr>
            );
          })}
        </tbody>
      </table>
    </Section>
  );
}
