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

/** What takes an action back, from the alert as it stood before; null where nothing does. */
export function undoOf(action: TriageAction, before: Standing): Triage | null {
  if (action === "assign") return { action: "assign", assignee: before.assignee?.user_id ?? null };
  switch (before.status) {
    case "open":
      return { action: "reopen" };
    case "acknowledged":
      return { action: "acknowledge" };
    case "snoozed":
      return before.snoozed_until === null ? null : { action: "snooze", until: before.snoozed_until };
    case "resolved":
      // An outcome and its note were somebody's judgement: it isn't given again by a key.
      return null;
  }
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
