/**
 * Money is integer minor units with an exponent. Everything here works on digits and BigInt; no amount ever passes
 * through a floating-point number on its way to the screen or to the server.
 */

/** The largest amount that the server takes: 2^53 - 1 minor units. */
export const AMOUNT_MAX_MINOR = 9007199254740991n;

const GROUPING = new Intl.NumberFormat("en-US", { useGrouping: true, maximumFractionDigits: 0 });

/** `123456, 2` becomes `1,234.56`; a negative amount keeps its sign in front. */
export function formatMinor(minor: number | bigint, exponent: number): string {
  const value = BigInt(minor);
  const digits = (value < 0n ? -value : value).toString().padStart(exponent + 1, "0");
  const whole = GROUPING.format(BigInt(digits.slice(0, digits.length - exponent)));
  const fraction = exponent > 0 ? `.${digits.slice(-exponent)}` : "";
  return (value < 0n ? "−" : "") + whole + fraction;
}

/** As `formatMinor`, without grouping: what an input or a spreadsheet takes. */
export function plainMinor(minor: number | bigint, exponent: number): string {
  return formatMinor(minor, exponent).replaceAll(",", "").replace("−", "-");
}

export type ParsedAmount = { minor: number } | { fault: string };

/**
 * Reads what a person typed, `1,234.56` or `1234.5`, as minor units. A comma is only ever a grouping mark, and has to
 * group thousands, so that `12,50` is refused instead of being read as 1250.
 */
export function parseAmount(text: string, exponent: number): ParsedAmount {
  const typed = text.trim().replaceAll(/[\u00a0\u202f ]/g, "");
  if (typed === "") return { fault: "Enter an amount." };
  const match = /^(\d+|\d{1,3}(?:,\d{3})+)(?:\.(\d*))?$/.exec(typed);
  if (match === null) {
    return {
      fault:
        exponent > 0
          ? "Write it like 1,234.50: digits, and a point before the decimals."
          : "Write it in digits, like 1,234.",
    };
  }
  const whole = (match[1] ?? "").replaceAll(",", "");
  const fraction = match[2] ?? "";
  if (fraction.length > exponent) {
    return {
      fault: exponent === 0 ? "This currency has no decimals." : `This currency has ${exponent} decimals.`,
    };
  }
  const minor = BigInt(whole + fraction.padEnd(exponent, "0"));
  if (minor === 0n) return { fault: "The amount has to be more than zero." };
  if (minor > AMOUNT_MAX_MINOR)
    return { fault: `The largest amount is ${formatMinor(AMOUNT_MAX_MINOR, exponent)}.` };
  return { minor: Number(minor) };
}
