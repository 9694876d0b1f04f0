import { describe, expect, it } from "vitest";

import { marksOf, offsetOf, piecesOf } from "./error-marks";

const CONDITION = 'verdict == "apply"\n  && event.amout > 5';

describe("the marks of a condition", () => {
  it("covers the word at the place that the compiler names", () => {
    const [mark] = marksOf(CONDITION, [{ line: 2, column: 6, message: "no such field" }]);
    expect(CONDITION.slice(mark?.start, mark?.end)).toBe("event.amout");
  });

  it("counts characters, not units, in a column", () => {
    expect(offsetOf('"😀" == x', 1, 8)).toBe('"😀" == '.length);
  });

  it("marks the last character where the text ends too early", () => {
    const [mark] = marksOf("a &&", [{ line: 1, column: 5, message: "unexpected end" }]);
    expect([mark?.start, mark?.end]).toEqual([3, 4]);
  });

  it("leaves out what has no place", () => {
    expect(marksOf(CONDITION, [{ line: 0, column: 0, message: "too long" }])).toEqual([]);
  });

  it("cuts the text into pieces that join to the text", () => {
    const pieces = piecesOf(
      CONDITION,
      marksOf(CONDITION, [
        { line: 2, column: 6, message: "no such field" },
        { line: 1, column: 1, message: "unused" },
      ]),
    );
    expect(pieces.map((piece) => piece.text).join("")).toBe(CONDITION);
    expect(pieces.filter((piece) => piece.error).map((piece) => piece.text)).toEqual([
      "verdict",
      "event.amout",
    ]);
  });
});
