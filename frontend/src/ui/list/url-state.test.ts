import { describe, expect, it } from "vitest";
import { chipsOf } from "./chips";
import type { Field } from "./definition";
import { readQualifiers, suggest } from "./qualifiers";
import { apiQuery, type ListState, parseState, serializeState } from "./url-state";
import { mergeRows } from "./use-quiet-refresh";

const fields: Record<string, Field> = {
  text: { kind: "text", label: "Words" },
  status: {
    kind: "choice",
    label: "Status",
    many: true,
    choices: [
      { value: "captured", label: "Captured" },
      { value: "failed", label: "Failed" },
    ],
  },
  amount_min_minor: { kind: "minor", label: "Amount at least", end: "min", pair: "amount" },
  amount_max_minor: { kind: "minor", label: "Amount at most", end: "max", pair: "amount" },
  created_from: { kind: "time", label: "Created from", end: "from", pair: "created" },
  created_to: { kind: "time", label: "Created to", end: "to", pair: "created" },
  mine: { kind: "flag", label: "Mine" },
};
const definition = { fields, sorts: ["created_at", "amount_minor"], defaultSort: "-created_at" };
const state = (text: string) => parseState(new URLSearchParams(text), definition);

describe("a list's URL", () => {
  it("gives the same state to whoever opens it", () => {
    const url =
      "text=a+b&status=captured&status=failed&amount_min_minor=100&created_from=-24h&mine=true&sort=amount_minor&limit=100&cursor=c1&open=p1";
    expect(serializeState(state(url), definition).toString()).toBe(url);
  });

  it("leaves defaults out, so that one state has one URL", () => {
    expect(serializeState(state("sort=-created_at&limit=50"), definition).toString()).toBe("");
  });

  it("keeps the moment of the first page with the cursor, where a span is counted from now", () => {
    const later = { ...state("created_from=-24h&cursor=c1"), at: 1764000000000 };
    expect(serializeState(later, definition).toString()).toBe("created_from=-24h&cursor=c1&at=1764000000000");
    expect(state("created_from=-24h&cursor=c1&at=1764000000000").at).toBe(1764000000000);
    expect(serializeState({ ...later, cursor: null }, definition).has("at")).toBe(false);
    expect(serializeState({ ...later, filters: {} }, definition).has("at")).toBe(false);
  });

  it("leaves out what it does not understand, and says so", () => {
    const read = state(
      "status=lost&status=captured&created_from=yesterday&sort=colour&limit=7&amount_min_minor=1.5",
    );
    expect(read.filters).toEqual({ status: ["captured"] });
    expect(read.sort).toBe("-created_at");
    expect(read.limit).toBe(50);
    expect(read.faults).toHaveLength(4);
    expect(read.faults[0]).toContain("“lost” is none of captured, failed");
  });

  it("drops a repeated value and keeps one of what can only be one", () => {
    expect(state("status=failed&status=failed&text=a&text=b").filters).toEqual({
      status: ["failed"],
      text: ["a"],
    });
  });
});

describe("the API's query", () => {
  const at = Date.parse("2026-11-24T10:00:31.500Z");

  it("turns a span before now into a moment in whole minutes", () => {
    const read = state("created_from=-24h&created_to=2026-11-24T09:00:00Z");
    const query = apiQuery(read, definition, at);
    expect(query.created_from).toBe("2026-11-23T10:00:00.000Z");
    expect(query.created_to).toBe("2026-11-24T09:00:00Z");
  });

  it("sends amounts as numbers, flags as booleans and choices as a list", () => {
    expect(apiQuery(state("amount_max_minor=1250&mine=false&status=failed"), definition, at)).toEqual({
      amount_max_minor: 1250,
      mine: false,
      status: ["failed"],
      limit: 50,
      sort: "-created_at",
    });
  });

  it("refuses an amount that a browser cannot hold", () => {
    expect(state("amount_min_minor=9007199254740992").faults).toHaveLength(1);
  });
});

describe("the search box", () => {
  it("reads qualifiers and leaves the rest to the words", () => {
    expect(readQualifiers('status:captured,failed pay_1 "two words"', fields, "text")).toEqual({
      filters: { status: ["captured", "failed"], text: ["pay_1 two words"] },
      fault: null,
    });
  });

  it("takes a colon that belongs to no filter as part of a word", () => {
    expect(readQualifiers("order:17", fields, "text").filters).toEqual({ text: ["order:17"] });
  });

  it("says what is wrong with a value and changes nothing", () => {
    const typed = readQualifiers("status:lost", fields, "text");
    expect(typed.filters).toBeNull();
    expect(typed.fault).toMatch(/^status: “lost” is none of/);
  });

  it("refuses plain words where the list has no place for them", () => {
    expect(readQualifiers("hello", fields, null).fault).toContain("no qualifier");
  });

  it("suggests names, then values", () => {
    expect(suggest("st", fields).map((each) => each.insert)).toEqual(["status:"]);
    expect(suggest("x status:c", fields)).toEqual([
      { insert: "status:captured", label: "Captured", complete: true },
    ]);
    expect(suggest("", fields)).toEqual([]);
  });
});

describe("a quiet refresh", () => {
  it("changes rows in their places and only counts new ones", () => {
    const merged = mergeRows(
      [
        { id: "b", n: 1 },
        { id: "a", n: 1 },
      ],
      [
        { id: "c", n: 1 },
        { id: "b", n: 2 },
      ],
      (row) => row.id,
    );
    expect(merged.rows).toEqual([
      { id: "b", n: 2 },
      { id: "a", n: 1 },
    ]);
    expect([merged.newer, [...merged.changed]]).toEqual([1, ["b"]]);
  });
});

describe("chips", () => {
  it("show both bounds of one thing as one chip", () => {
    const filters: ListState["filters"] = {
      amount_min_minor: ["100"],
      amount_max_minor: ["900"],
      status: ["failed"],
    };
    expect(chipsOf(filters, fields).map((chip) => `${chip.label}: ${chip.text}`)).toEqual([
      "Status: Failed",
      "Amount: ≥ 100 minor ≤ 900 minor",
    ]);
  });
});
