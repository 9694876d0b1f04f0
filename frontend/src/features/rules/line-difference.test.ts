import { describe, expect, it } from "vitest";

import { lineDifference } from "./line-difference";

function told(older: string, newer: string): string[] {
  return lineDifference(older, newer).map(
    ({ change, text }) => `${{ same: " ", added: "+", removed: "-" }[change]}${text}`,
  );
}

describe("the difference of two versions", () => {
  it("keeps what both have and shows what was removed before what was added", () => {
    expect(told("a\nb\nc", "a\nB\nc")).toEqual([" a", "-b", "+B", " c"]);
  });

  it("shows nothing but sameness for equal texts", () => {
    expect(told("a\nb", "a\nb")).toEqual([" a", " b"]);
  });

  it("finds lines added in front and behind", () => {
    expect(told("b", "a\nb\nc")).toEqual(["+a", " b", "+c"]);
  });

  it("numbers the lines of each side", () => {
    const [, , added] = lineDifference("a\nb", "a\nc");
    expect(added).toEqual({ change: "added", text: "c", older: null, newer: 2 });
  });
});
