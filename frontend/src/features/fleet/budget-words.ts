import { duration } from "@/ui/time/format";

/** SQS holds 120,000 messages in flight at most: how near that is, in words for an operator. */
export interface InFlightBudget {
  used: number;
  limit: number;
  share: number;
  exhausted_in_s: number | null;
}

export type BudgetLevel = "calm" | "near" | "urgent";

const NEAR_SHARE = 0.5;
const URGENT_SHARE = 0.8;
const URGENT_S = 600;

export function budgetLevel({ share, exhausted_in_s: exhaustedInS }: InFlightBudget): BudgetLevel {
  if (share >= URGENT_SHARE || (exhaustedInS !== null && exhaustedInS <= URGENT_S)) return "urgent";
  return share >= NEAR_SHARE || exhaustedInS !== null ? "near" : "calm";
}

export function budgetWords(budget: InFlightBudget): string {
  if (budget.exhausted_in_s === null) return "Not growing: it will not run out.";
  return `At this rate it runs out in ${duration(budget.exhausted_in_s)}; SQS then hands out nothing more.`;
}
