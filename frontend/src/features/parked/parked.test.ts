import { describe, expect, it } from "vitest";
import { keyOf, keyText } from "./parked";

describe("the name of a parked fact in the URL", () => {
  it.each([
    { payment_id: "pay_1", source: "adyen", event_id: "evt_1" },
    { payment_id: "a/b", source: "s", event_id: "100%/é ?#" },
  ])("gives back its three parts: $payment_id", (key) => {
    expect(keyOf(keyText(key))).toEqual(key);
  });
});
