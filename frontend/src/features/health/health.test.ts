import { describe, expect, it } from "vitest";
import { aheadMs } from "./health";

describe("the clocks", () => {
  it("are compared with the middle of the call, so that a slow call is no difference", () => {
    expect(
      aheadMs("2026-11-24T10:00:01.000Z", Date.UTC(2026, 10, 24, 10), Date.UTC(2026, 10, 24, 10, 0, 2)),
    ).toBe(0);
  });

  it("are apart by what the server is ahead", () => {
    const now = Date.UTC(2026, 10, 24, 10);
    expect(aheadMs("2026-11-24T10:00:05.000Z", now, now)).toBe(5_000);
  });
});
