const GROUPED = new Intl.NumberFormat("en-US", { maximumFractionDigits: 0 });
const SHORT = new Intl.NumberFormat("en-US", { notation: "compact", maximumFractionDigits: 1 });

/** A rate: whole from ten on, one decimal below. */
export function perSecond(value: number): string {
  return value < 10 ? value.toFixed(1) : GROUPED.format(value);
}

export function count(value: number): string {
  return GROUPED.format(value);
}

export function short(value: number): string {
  return SHORT.format(value);
}

/** A span in the unit that keeps it readable: `9.4 ms`, `61 ms`, `1.2 s`. */
export function milliseconds(value: number): string {
  if (value >= 10_000) return `${GROUPED.format(value / 1000)} s`;
  if (value >= 1000) return `${(value / 1000).toFixed(1)} s`;
  return `${value < 10 ? value.toFixed(1) : GROUPED.format(value)} ms`;
}

/** A share in percent: what is there never rounds to nothing, and what lacks something never to all. */
export function share(part: number, whole: number): string {
  if (whole === 0 || part === 0) return "0 %";
  const percent = (part / whole) * 100;
  if (percent < 0.1) return "< 0.1 %";
  if (part < whole && percent > 99.9) return "> 99.9 %";
  return `${percent.toFixed(1)} %`;
}
