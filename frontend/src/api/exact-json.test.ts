import { describe, expect, it } from "vitest";
import { ExactNumber, parseExact, printExact } from "./exact-json";

describe("exact JSON", () => {
  it("keeps every digit of numbers that JavaScript would change", () => {
    const text = '{"id": 12345678901234567890, "rate": 1.50, "tiny": 1e-400, "minus": -0}';
    expect(printExact(parseExact(text), "", "").replaceAll("\n", "")).toBe(
      '{"id": 12345678901234567890,"rate": 1.50,"tiny": 1e-400,"minus": -0}',
    );
  });

  it("reads ordinary numbers as numbers", () => {
    expect(parseExact("[0, 1, -7, 2.5, 9007199254740991]")).toEqual([0, 1, -7, 2.5, 9007199254740991]);
    expect(parseExact("9007199254740993")).toEqual(new ExactNumber("9007199254740993"));
  });

  it("agrees with JSON.parse on everything else", () => {
    const text = ' {"a":[true,false,null,{}],"b":"\\u00e9\\n\\"","c":[],"d":{"e":"☂"}} ';
    expect(parseExact(text)).toEqual(JSON.parse(text));
  });

  it.each(["", "{", "[1,]", '{"a" 1}', "01", "1.", "tru", '"a', "[1] 2", '{"a":1,}', "'a'", "NaN"])(
    "refuses %s",
    (text) => {
      expect(() => parseExact(text)).toThrow(SyntaxError);
    },
  );

  it("refuses nesting that would exhaust the stack", () => {
    expect(() => parseExact("[".repeat(5000) + "]".repeat(5000))).toThrow(/deeper than 200/);
  });
});
