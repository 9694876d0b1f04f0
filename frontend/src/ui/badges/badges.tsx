import type { ReactNode } from "react";
import classes from "./badges.module.css";
import { Glyph, type GlyphName } from "./glyph";

export type Tone = "good" | "info" | "warn" | "bad" | "violet" | "mute";

interface BadgeProps {
  tone: Tone;
  glyph: GlyphName;
  children: ReactNode;
}

/** A state: a glyph, a word and a tone. The glyph alone tells states apart; colour only helps. */
export function Badge({ tone, glyph, children }: BadgeProps) {
  return (
    <span className={classes.badge} data-tone={tone}>
      <Glyph name={glyph} />
      {children}
    </span>
  );
}

export const PAYMENT_STATUSES: Record<string, { label: string; tone: Tone; glyph: GlyphName }> = {
  created: { label: "Created", tone: "mute", glyph: "dashed" },
  pending: { label: "Pending", tone: "info", glyph: "dashed" },
  requires_action: { label: "Action required", tone: "warn", glyph: "dashed" },
  authorized: { label: "Authorized", tone: "info", glyph: "ring" },
  partially_captured: { label: "Partially captured", tone: "good", glyph: "half" },
  captured: { label: "Captured", tone: "good", glyph: "full" },
  partially_refunded: { label: "Partially refunded", tone: "warn", glyph: "back-half" },
  refunded: { label: "Refunded", tone: "warn", glyph: "back" },
  voided: { label: "Voided", tone: "mute", glyph: "struck" },
  expired: { label: "Expired", tone: "mute", glyph: "struck" },
  failed: { label: "Failed", tone: "bad", glyph: "cross" },
};

export const DISPUTE_STATUSES: Record<string, { label: string; tone: Tone; glyph: GlyphName }> = {
  none: { label: "None", tone: "mute", glyph: "dashed" },
  inquiry: { label: "Inquiry", tone: "violet", glyph: "ring" },
  open: { label: "Dispute open", tone: "violet", glyph: "half" },
  under_review: { label: "Under review", tone: "violet", glyph: "half" },
  won: { label: "Dispute won", tone: "good", glyph: "full" },
  lost: { label: "Dispute lost", tone: "bad", glyph: "cross" },
};

export const SEVERITIES: Record<string, { label: string; tone: Tone; glyph: GlyphName }> = {
  info: { label: "Info", tone: "mute", glyph: "bar-1" },
  warning: { label: "Warning", tone: "warn", glyph: "bar-2" },
  high: { label: "High", tone: "bad", glyph: "bar-3" },
  critical: { label: "Critical", tone: "bad", glyph: "bar-4" },
};

export const ALERT_STATUSES: Record<string, { label: string; tone: Tone; glyph: GlyphName }> = {
  open: { label: "Open", tone: "bad", glyph: "ring" },
  acknowledged: { label: "Acknowledged", tone: "info", glyph: "half" },
  snoozed: { label: "Snoozed", tone: "mute", glyph: "dashed" },
  resolved: { label: "Resolved", tone: "good", glyph: "full" },
};

export const VERDICTS: Record<string, { label: string; tone: Tone; glyph: GlyphName }> = {
  apply: { label: "Applied", tone: "good", glyph: "full" },
  duplicate: { label: "Duplicate", tone: "mute", glyph: "twice" },
  stale: { label: "Stale", tone: "mute", glyph: "struck" },
  premature: { label: "Parked", tone: "info", glyph: "dashed" },
  conflict: { label: "Conflict", tone: "bad", glyph: "cross" },
  impossible: { label: "Impossible", tone: "bad", glyph: "cross" },
  malformed: { label: "Malformed", tone: "bad", glyph: "cross" },
};

type Vocabulary = Record<string, { label: string; tone: Tone; glyph: GlyphName }>;

function Worded({ words, value }: { words: Vocabulary; value: string }) {
  const known = words[value];
  if (known === undefined)
    return (
      <Badge tone="mute" glyph="ring">
        {value.replaceAll("_", " ")}
      </Badge>
    );
  return (
    <Badge tone={known.tone} glyph={known.glyph}>
      {known.label}
    </Badge>
  );
}

export const StatusBadge = ({ status }: { status: string }) => (
  <Worded words={PAYMENT_STATUSES} value={status} />
);
export const VerdictBadge = ({ verdict }: { verdict: string }) => <Worded words={VERDICTS} value={verdict} />;
export const SeverityBadge = ({ severity }: { severity: string }) => (
  <Worded words={SEVERITIES} value={severity} />
);
export const AlertStatusBadge = ({ status }: { status: string }) => (
  <Worded words={ALERT_STATUSES} value={status} />
);

/** Nothing where there is no dispute: most payments have none, and a column of "none" hides those that do. */
export function DisputeBadge({ status }: { status: string }) {
  return status === "none" ? null : <Worded words={DISPUTE_STATUSES} value={status} />;
}

/** The choices of a filter, in the vocabulary's order. */
export function choicesOf(words: Vocabulary): { value: string; label: string }[] {
  return Object.entries(words).map(([value, { label }]) => ({ value, label }));
}
