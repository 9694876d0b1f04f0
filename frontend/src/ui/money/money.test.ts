import { describe, expect, it } from "vitest";
import { amountFault } from "./amount-field";
import { AMOUNT_MAX_MINOR, formatMinor, parseAmount, plainMinor } from "./money";

describe("formatMinor", () => {
  it.each([
    [0, 2, "0.00"],
    [5, 2, "0.05"],
    [123456, 2, "1,234.56"],
    [123456, 0, "123,456"],
    [123456, 3, "123.456"],
    [1, 4, "0.0001"],
    [-1050, 2, "−10.50"],
    [Number.MAX_SAFE_INTEGER, 2, "90,071,992,547,409.91"],
    [12345678901234567890n, 2, "123,456,789,012,345,678.90"],
  ])("writes %s with %i decimals as %s", (minor, exponent, text) => {
    expect(formatMinor(minor, exponent)).toBe(text);
  });

  it("writes for spreadsheets without grouping and with a plain minus", () => {
    expect(plainMinor(-123456789, 2)).toBe("-1234567.89");
  });
});

describe("parseAmount", () => {
  it.each([
    ["12", 2, 1200],
    ["12.5", 2, 1250],
    ["12.50", 2, 1250],
    [" 1,234.56 ", 2, 123456],
    ["1 234.56", 2, 123456],
    ["1234", 0, 1234],
    ["0.001", 3, 1],
    ["90071992547409.91", 2, Number.MAX_SAFE_INTEGER],
    // Half of these lose a cent when they pass through a float times 100.
    ["1.15", 2, 115],
    ["4.35", 2, 435],
    ["8.2", 2, 820],
    ["1.005", 3, 1005],
  ])("reads %s with %i decimals as %i minor units", (text, exponent, minor) => {
    expect(parseAmount(text, exponent)).toEqual({ minor });
  });

  it.each([
    ["", 2, /enter/i],
    ["0", 2, /more than zero/],
    ["0.00", 2, /more than zero/],
    ["12,50", 2, /point before the decimals/],
    ["1,23,4.00", 2, /point before the decimals/],
    ["12.345", 2, /2 decimals/],
    ["12.3", 0, /no decimals/],
    ["-5", 2, /digits/],
    ["1e3", 2, /digits/],
    ["0x10", 2, /digits/],
    ["٣٤", 2, /digits/],
    ["90071992547409.92", 2, /largest amount is 90,071,992,547,409.91/],
  ])("refuses %s with %i decimals and says why", (text, exponent, fault) => {
    const parsed = parseAmount(text, exponent);
    expect("fault" in parsed && parsed.fault).toMatch(fault);
  });

  it("gives back what was formatted, whatever the exponent", () => {
    for (const exponent of [0, 2, 3, 4]) {
      for (const minor of [1, 9, 10, 99, 100, 12345, 10 ** 12 + 7, Number(AMOUNT_MAX_MINOR)]) {
        expect(parseAmount(formatMinor(minor, exponent), exponent)).toEqual({ minor });
      }
    }
  });
});

describe("amountFault", () => {
  it("names the limit that an amount passes", () => {
    expect(amountFault("10.01", 2, { minor: 1000, name: "left to refund" })).toBe(
      "Only 10.00 is left to refund.",
    );
    expect(amountFault("10.00", 2, { minor: 1000, name: "left to refund" })).toBeNull();
  });
});
