import { describe, expect, it } from "vitest";

import { placeOf, stepsOf } from "./json-place";

function marked(text: string, path: string): string | null {
  const place = placeOf(text, path);
  return place && `${place.exact ? "" : "within "}${text.slice(place.start, place.end)}`;
}

describe("the place of a JSON path", () => {
  it("reads fields and indexes", () => {
    expect(stepsOf("$.lines[2].amount")).toEqual(["lines", 2, "amount"]);
    expect(stepsOf("$")).toEqual([]);
  });

  it.each([
    ["a number", '{"amount": {"value": 1050, "currency": "eur"}}', "$.amount.value", "1050"],
    ["a string", '{"amount": {"value": 1050, "currency": "eur"}}', "$.amount.currency", '"eur"'],
    ["an object", '{"a": 1, "amount": {"value": 1}}', "$.amount", '{"value": 1}'],
    ["an element", '{"a": [1, [2], {"b": 3}]}', "$.a[2].b", "3"],
    ["a value behind a string with braces", '{"note": "}\\"{", "type": "x"}', "$.type", '"x"'],
    ["the last of two of one name", '{"type": 1, "type": 2}', "$.type", "2"],
    ["a value in an envelope", '{"specversion": "1.0", "data": {"amount": null}}', "$.amount", "null"],
  ])("finds %s", (_, text, path, expected) => {
    expect(marked(text, path)).toBe(expected);
  });

  it("gives what encloses a field that is missing", () => {
    expect(marked('{"amount": {"value": 1}}', "$.amount.currency")).toBe('within {"value": 1}');
  });

  it("knows no place for a field that is missing at the top", () => {
    expect(marked('{"type": "x"}', "$.payment_id")).toBeNull();
  });

  it("reads a text that was cut as far as it goes", () => {
    expect(marked('{"type": "x", "amount": {"value": 12', "$.amount.value")).toBe("12");
  });

  it.each(["", "not json", "{", '{"a"', "[", '{"a":', "\u0000"])("survives %j", (text) => {
    expect(() => placeOf(text, "$.a.b[0]")).not.toThrow();
  });
});
