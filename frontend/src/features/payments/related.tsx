import type { ReactNode } from "react";
import { Link } from "react-router";
import type { TransactionDetail } from "@/api/types";
import { AlertStatusBadge, Badge, SeverityBadge, type Tone, VerdictBadge } from "@/ui/badges/badges";
import type { GlyphName } from "@/ui/badges/glyph";
import { links } from "@/ui/links/links";
import { formatMinor } from "@/ui/money/money";
import { Section } from "@/ui/page/page-frame";
import { Time } from "@/ui/time/time";
import { reasonText } from "./reasons";
import classes from "./related.module.css";

const COMMAND_STATES: Readonly<Record<string, { tone: Tone; glyph: GlyphName }>> = {
  requested: { tone: "info", glyph: "dashed" },
  sent: { tone: "info", glyph: "half" },
  unknown: { tone: "warn", glyph: "ring" },
  succeeded: { tone: "good", glyph: "full" },
  failed: { tone: "bad", glyph: "cross" },
};

/** What hangs on the payment: commands given, alerts, facts that wait, dead letters. Nothing is shown for nothing. */
export function Related({ payment }: { payment: TransactionDetail }) {
  return (
    <>
      <Listed title="Commands given" count={payment.commands.length}>
        {payment.commands.map((command) => (
          <li key={command.command_id}>
            <strong>
              {command.kind}
              {command.amount_minor !== null &&
                ` ${formatMinor(command.amount_minor, payment.exponent)} ${payment.currency ?? ""}`}
            </strong>
            <Badge {...(COMMAND_STATES[command.state] ?? { tone: "mute", glyph: "ring" })}>
              {command.state}
            </Badge>
            {command.reason !== null && <span>{command.reason}</span>}
            <span className={classes.when}>
              {command.requested_by}, <Time at={command.requested_at} />
            </span>
          </li>
        ))}
      </Listed>
      <Listed title="Alerts" count={payment.alerts.length}>
        {payment.alerts.map((alert) => (
          <li key={alert.alert_id}>
            <SeverityBadge severity={alert.severity} />
            <Link to={links.alert(alert.alert_id)}>{alert.title}</Link>
            <AlertStatusBadge status={alert.status} />
            <span className={classes.when}>
              <Time at={alert.created_at} />
            </span>
          </li>
        ))}
      </Listed>
      <Listed title="Parked facts" count={payment.parked.length}>
        {payment.parked.map((fact) => (
          <li key={`${fact.source} ${fact.event_id}`}>
            <Link to={links.parked({ payment_id: payment.payment_id })}>{fact.type}</Link>
            <span>{reasonText(fact.reason)}</span>
            <span className={classes.when}>
              <Time at={fact.parked_at} />
            </span>
          </li>
        ))}
      </Listed>
      <Listed title="Dead letters" count={payment.dead_letters.length}>
        {payment.dead_letters.map((letter) => (
          <li key={letter.dead_letter_id}>
            <VerdictBadge verdict={letter.verdict} />
            <Link to={links.deadLetters({ open: letter.dead_letter_id })}>
              {letter.event_id ?? letter.dead_letter_id}
            </Link>
            <span>{reasonText(letter.reason)}</span>
            <span className={classes.when}>
              <Time at={letter.recorded_at} />
            </span>
          </li>
        ))}
      </Listed>
    </>
  );
}

function Listed({ title, count, children }: { title: string; count: number; children: ReactNode }) {
  if (count === 0) return null;
  return (
    <Section title={title} aside={count} flush>
      <ul className={classes.list}>{children}</ul>
    </Section>
  );
}
