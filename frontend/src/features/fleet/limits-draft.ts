import type { FleetLimits } from "./fleet";

export interface MerchantDraft {
  /** Tells rows apart while they are typed. */
  row: number;
  merchant_id: string;
  rate_per_s: string;
}

/** The limits of a fleet as an operator types them: texts until they prove to be numbers; empty is no limit. */
export interface LimitsDraft {
  rate_per_s: string;
  batch_size_max: string;
  concurrency_max: string;
  merchants: MerchantDraft[];
}

/** The server's own bounds, so that most mistakes are told while typing. */
const RATE = { least: 0.01, most: 1_000_000, whole: false };
const BATCH = { least: 1, most: 5_000, whole: true };
const CONCURRENCY = { least: 1, most: 1_024, whole: true };
export const MERCHANTS_MAX = 100;

export function draftOf(limits: FleetLimits): LimitsDraft {
  const text = (value: number | null): string => (value === null ? "" : String(value));
  return {
    rate_per_s: text(limits.rate_per_s),
    batch_size_max: text(limits.batch_size_max),
    concurrency_max: text(limits.concurrency_max),
    merchants: Object.entries(limits.merchants).map(([merchant_id, rate], row) => ({
      row,
      merchant_id,
      rate_per_s: String(rate),
    })),
  };
}

export interface Checked {
  /** Null while anything is at fault. */
  limits: FleetLimits | null;
  /** Faults by field, as `rate_per_s` or `merchants.0.rate_per_s`. */
  faults: Record<string, string>;
}

export function checked(draft: LimitsDraft): Checked {
  const faults: Record<string, string> = {};
  const number = (field: string, text: string, bounds: typeof RATE): number | null => {
    if (text.trim() === "") return null;
    const value = Number(text.trim());
    if (value >= bounds.least && value <= bounds.most && (!bounds.whole || Number.isInteger(value)))
      return value;
    const kind = bounds.whole ? "A whole number" : "A number";
    faults[field] =
      `${kind} from ${bounds.least} to ${bounds.most.toLocaleString("en-US")}, or empty for no limit.`;
    return null;
  };
  const merchants: Record<string, number> = {};
  draft.merchants.forEach(({ merchant_id: merchant, rate_per_s: rate }, index) => {
    const name = merchant.trim();
    const value = number(`merchants.${index}.rate_per_s`, rate, RATE);
    if (name === "") faults[`merchants.${index}.merchant_id`] = "Which merchant?";
    else if (name in merchants) faults[`merchants.${index}.merchant_id`] = "This merchant has a limit above.";
    else if (value !== null) merchants[name] = value;
    else faults[`merchants.${index}.rate_per_s`] ??= "A rate; remove the row for no limit.";
  });
  const limits = {
    rate_per_s: number("rate_per_s", draft.rate_per_s, RATE),
    batch_size_max: number("batch_size_max", draft.batch_size_max, BATCH),
    concurrency_max: number("concurrency_max", draft.concurrency_max, CONCURRENCY),
    merchants,
  };
  return { limits: Object.keys(faults).length > 0 ? null : limits, faults };
}
