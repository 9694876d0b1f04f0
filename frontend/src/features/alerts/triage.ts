import type { Alert } from "@/api/types";

/** One thing that is done to an alert, with what it takes. */
export type Triage =
  | { action: "acknowledge" }
  | { action: "assign"; assignee: string | null }
  | { action: "snooze"; until: string }
  | { action: "resolve"; outcome: Outcome; note: string }
  | { action: "reopen" };

export type TriageAction = Triage["action"];
export type Outcome = NonNullable<Alert["outcome"]>;
export type Standing = Pick<Alert, "status" | "assignee" | "snoozed_until">;

/** Why an action makes no sense for an alert; null where it does. The server decides all the same. */
export function refusalOf(action: TriageAction, { status }: Pick<Standing, "status">): string | null {
  if (action === "acknowledge" && status === "acknowledged") return "It is acknowledged already.";
  if (action === "reopen" && status === "open") return "It is open already.";
  if (status === "resolved" && action !== "reopen") return "It is resolved; reopen it first.";
  return null;
}

/** The steps that take an action back, from the alert as it stood before; none where nothing does. */
export function undoOf(action: TriageAction, before: Standing): Triage[] {
  if (action === "assign") return [owned(before)];
  if (before.status === "resolved") {
    // An outcome and its note were somebody's judgement: it isn't given again by a key.
    return [];
  }
  const status = statusAgain(before);
  // Only reopening leads out of "resolved", and acknowledging takes an alert that nobody has.
  if (action === "resolve" && before.status !== "open") return [{ action: "reopen" }, ...status];
  return action === "acknowledge" && before.assignee === null ? [...status, owned(before)] : status;
}

function owned({ assignee }: Standing): Triage {
  return { action: "assign", assignee: assignee?.user_id ?? null };
}

function statusAgain({ status, snoozed_until: until }: Standing): Triage[] {
  if (status === "acknowledged") return [{ action: "acknowledge" }];
  if (status === "snoozed" && until !== null) return [{ action: "snooze", until }];
  return [{ action: "reopen" }];
}

/** The status that an action leads to; null where it leaves it. */
export function statusAfter(action: TriageAction): Alert["status"] | null {
  const after = {
    acknowledge: "acknowledged",
    snooze: "snoozed",
    resolve: "resolved",
    reopen: "open",
  } as const;
  return action === "assign" ? null : after[action];
}

export const PAST: Readonly<Record<TriageAction, string>> = {
  acknowledge: "acknowledged",
  assign: "assigned",
  snooze: "snoozed",
  resolve: "resolved",
  reopen: "reopened",
};

export const OUTCOMES: readonly { value: Outcome; label: string; means: string }[] = [
  { value: "confirmed", label: "Confirmed", means: "It was real, and somebody acts on it." },
  { value: "fixed", label: "Fixed", means: "It was real, and its cause is gone." },
  { value: "false_positive", label: "False positive", means: "Nothing was wrong; the rule may need work." },
  { value: "duplicate", label: "Duplicate", means: "Another alert says the same." },
];
