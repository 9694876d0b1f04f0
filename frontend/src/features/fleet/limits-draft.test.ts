import { describe, expect, it } from "vitest";

import { checked, draftOf } from "./limits-draft";

const NONE = { rate_per_s: "", batch_size_max: "", concurrency_max: "", merchants: [] };

describe("the limits of a fleet", () => {
  it("reads an empty field as no limit", () => {
    expect(checked(NONE).limits).toEqual({
      rate_per_s: null,
      batch_size_max: null,
      concurrency_max: null,
      merchants: {},
    });
  });

  it.each(["0", "-1", "ten", "1e999", "1000001"])("refuses %s as a rate", (rate) => {
    expect(checked({ ...NONE, rate_per_s: rate }).faults).toHaveProperty("rate_per_s");
  });

  it("refuses a fraction of a batch", () => {
    expect(checked({ ...NONE, batch_size_max: "1.5" }).faults).toHaveProperty("batch_size_max");
  });

  it("names the merchant that is limited twice", () => {
    const merchants = [
      { row: 0, merchant_id: "m_1", rate_per_s: "5" },
      { row: 1, merchant_id: " m_1", rate_per_s: "6" },
    ];
    const { limits, faults } = checked({ ...NONE, merchants });
    expect(limits).toBeNull();
    expect(Object.keys(faults)).toEqual(["merchants.1.merchant_id"]);
  });

  it("gives back the limits that it was drafted from", () => {
    const limits = { rate_per_s: 100, merchants: { m_1: 5 }, batch_size_max: null, concurrency_max: 2 };
    expect(checked(draftOf(limits)).limits).toEqual(limits);
  });
});
