import { describe, expect, it } from "vitest";

import { budgetLevel, budgetWords } from "./budget-words";

const CALM = { used: 1_000, limit: 120_000, share: 0.01, exhausted_in_s: null };

describe("the in-flight budget in words", () => {
  it("is calm while nothing grows", () => {
    expect(budgetLevel(CALM)).toBe("calm");
    expect(budgetWords(CALM)).toContain("will not run out");
  });

  it("is near as soon as there is a forecast, and urgent when it is minutes away", () => {
    expect(budgetLevel({ ...CALM, exhausted_in_s: 7_200 })).toBe("near");
    expect(budgetLevel({ ...CALM, exhausted_in_s: 120 })).toBe("urgent");
    expect(budgetWords({ ...CALM, exhausted_in_s: 120 })).toContain("2 min");
  });

  it("is urgent by share alone", () => {
    expect(budgetLevel({ ...CALM, share: 0.85 })).toBe("urgent");
  });
});
