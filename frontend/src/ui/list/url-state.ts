import type { Field, ListDefinition } from "./definition";

export const PAGE_SIZES = [25, 50, 100, 200] as const;
export const PAGE_SIZE_DEFAULT = 50;

/** All that decides which rows a list shows, as the URL says it. */
export interface ListState {
  filters: Readonly<Record<string, readonly string[]>>;
  sort: string;
  limit: number;
  cursor: string | null;
  /** When the first of these pages was asked for; spans before now are counted from there. */
  at: number | null;
  /** The row that is open in the side panel. */
  open: string | null;
  /** Parts of the URL that could not be understood, one sentence each. */
  faults: readonly string[];
}

type Definition = Pick<ListDefinition<never>, "fields" | "sorts" | "defaultSort">;

const RELATIVE = /^-(\d{1,4})(m|h|d)$/;
const UNIT_MS: Record<string, number> = { m: 60_000, h: 3_600_000, d: 86_400_000 };

export function parseState(params: URLSearchParams, definition: Definition): ListState {
  const faults: string[] = [];
  const filters: Record<string, string[]> = {};
  for (const [name, field] of Object.entries(definition.fields)) {
    const values = [...new Set(params.getAll(name).filter((value) => value !== ""))];
    const good = values.filter((value) => {
      const fault = fieldFault(field, value);
      if (fault !== null) faults.push(`${field.label}: ${fault}`);
      return fault === null;
    });
    const kept = field.kind === "choice" && field.many ? good : good.slice(0, 1);
    if (kept.length > 0) filters[name] = kept;
  }
  const sort = params.get("sort") ?? definition.defaultSort;
  const sortKnown = definition.sorts.includes(sort.replace(/^-/, ""));
  if (!sortKnown && params.has("sort"))
    faults.push(`This list cannot be sorted by ${sort.replace(/^-/, "")}.`);
  const limit = Number(params.get("limit") ?? PAGE_SIZE_DEFAULT);
  return {
    filters,
    sort: sortKnown ? sort : definition.defaultSort,
    limit: PAGE_SIZES.some((size) => size === limit) ? limit : PAGE_SIZE_DEFAULT,
    cursor: params.get("cursor"),
    at: /^\d{10,15}$/.test(params.get("at") ?? "") ? Number(params.get("at")) : null,
    open: params.get("open"),
    faults,
  };
}

/** The URL of a state: defaults are left out, so that one state has one URL. */
export function serializeState(state: ListState, definition: Definition): URLSearchParams {
  const params = new URLSearchParams();
  for (const name of Object.keys(definition.fields)) {
    for (const value of state.filters[name] ?? []) params.append(name, value);
  }
  if (state.sort !== definition.defaultSort) params.set("sort", state.sort);
  if (state.limit !== PAGE_SIZE_DEFAULT) params.set("limit", String(state.limit));
  if (state.cursor !== null) {
    params.set("cursor", state.cursor);
    if (state.at !== null && hasSpan(state)) params.set("at", String(state.at));
  }
  if (state.open !== null) params.set("open", state.open);
  return params;
}

/** The API's query for a state; spans before now become moments, in whole minutes so that they stay equal a while. */
export function apiQuery(state: ListState, definition: Definition, now: number): Record<string, unknown> {
  const query: Record<string, unknown> = { limit: state.limit };
  for (const [name, values] of Object.entries(state.filters)) {
    const field = definition.fields[name];
    if (field === undefined) continue;
    query[name] = field.kind === "choice" && field.many ? values : apiValue(field, values[0] ?? "", now);
  }
  if (definition.sorts.length > 0) query.sort = state.sort;
  if (state.cursor !== null) query.cursor = state.cursor;
  return query;
}

function apiValue(field: Field, value: string, now: number): unknown {
  if (field.kind === "minor") return Number(value);
  if (field.kind === "flag") return value === "true";
  if (field.kind !== "time") return value;
  const back = RELATIVE.exec(value);
  if (back === null) return value;
  const minute = now - (now % 60_000);
  return new Date(minute - Number(back[1]) * (UNIT_MS[back[2] ?? ""] ?? 0)).toISOString();
}

/** True where a filter reaches back from now. */
function hasSpan(state: ListState): boolean {
  return Object.values(state.filters).some((values) => values.some((value) => RELATIVE.test(value)));
}

/** Why a value is not one of the field's, or null. */
export function fieldFault(field: Field, value: string): string | null {
  switch (field.kind) {
    case "text":
      return value.length <= 200 ? null : "at most 200 characters.";
    case "choice":
      return field.choices.some((choice) => choice.value === value)
        ? null
        : `“${value}” is none of ${field.choices.map((choice) => choice.value).join(", ")}.`;
    case "time":
      return RELATIVE.test(value) || isMoment(value)
        ? null
        : `“${value}” is no time; write 2026-11-24T10:00:00Z or -24h.`;
    case "minor":
      return /^\d{1,16}$/.test(value) && BigInt(value) <= 9007199254740991n
        ? null
        : `“${value}” is no whole number of minor units.`;
    case "flag":
      return value === "true" || value === "false" ? null : `“${value}” is neither true nor false.`;
  }
}

function isMoment(value: string): boolean {
  return (
    /^\d{4}-\d\d-\d\dT\d\d:\d\d(:\d\d(\.\d+)?)?(Z|[+-]\d\d:\d\d)$/.test(value) &&
    !Number.isNaN(Date.parse(value))
  );
}

export function isFiltered(state: ListState): boolean {
  return Object.keys(state.filters).length > 0;
}
