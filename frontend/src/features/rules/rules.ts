import { queryOptions } from "@tanstack/react-query";
import { api, take } from "@/api/client";
import { ifMatch } from "@/api/entity-tag";
import { randomId } from "@/api/identifiers";
import type { Item, Page, Query, Reply } from "@/api/types";

export type RulesQuery = Query<"/rules">;
export type Rule = Item<"/rules">;
export type RuleDetail = Reply<"/rules/{name}">;
export type RuleVersion = RuleDetail["versions"][number];
export type TryOutcome = Reply<"/rules/try", "post">;
export type VocabularyField = Reply<"/rules/vocabulary">["fields"][number];

/** What an operator decides about a rule. */
export type RuleDraft = Pick<Rule, "condition" | "severity" | "description" | "enabled">;

export const RULES_KEY = ["rules"] as const;

export function fetchRules(query: RulesQuery, signal: AbortSignal): Promise<Page<Rule>> {
  return take(api.GET("/rules", { params: { query }, signal }));
}

export function ruleOptions(name: string) {
  return queryOptions({
    queryKey: [...RULES_KEY, "one", name],
    queryFn: ({ signal }) => take(api.GET("/rules/{name}", { params: { path: { name } }, signal })),
  });
}

export function vocabularyOptions() {
  return queryOptions({
    queryKey: [...RULES_KEY, "vocabulary"],
    staleTime: Number.POSITIVE_INFINITY,
    queryFn: ({ signal }) => take(api.GET("/rules/vocabulary", { signal })),
  });
}

/** What the compiler says of a condition; the same text is compiled once. */
export function validationOptions(condition: string) {
  return queryOptions({
    queryKey: [...RULES_KEY, "validation", condition],
    staleTime: Number.POSITIVE_INFINITY,
    gcTime: 60_000,
    queryFn: ({ signal }) => take(api.POST("/rules/validate", { body: { condition }, signal })),
  });
}

export function tryCondition(condition: string, limit: number): Promise<TryOutcome> {
  return take(api.POST("/rules/try", { body: { condition, limit } }));
}

function changing(rule: Pick<Rule, "name" | "etag">) {
  return {
    path: { name: rule.name },
    header: { "Idempotency-Key": randomId(), "If-Match": ifMatch(rule.etag) },
  };
}

export function createRule(name: string, draft: RuleDraft): Promise<Rule> {
  const params = { header: { "Idempotency-Key": randomId() } };
  return take(api.POST("/rules", { params, body: { name, ...draft } }));
}

export function updateRule(rule: Pick<Rule, "name" | "etag">, draft: RuleDraft): Promise<Rule> {
  return take(api.PUT("/rules/{name}", { params: changing(rule), body: draft }));
}

export function switchRule(rule: Pick<Rule, "name" | "etag">, on: boolean): Promise<Rule> {
  const params = changing(rule);
  return on
    ? take(api.POST("/rules/{name}/enable", { params }))
    : take(api.POST("/rules/{name}/disable", { params }));
}

export async function retireRule(rule: Pick<Rule, "name" | "etag">): Promise<void> {
  await take(api.DELETE("/rules/{name}", { params: changing(rule) }));
}
