/** The limits of a fleet as an operator types them: texts until they prove to be numbers. */

export interface FleetLimits {
  rate_per_s: number | null;
  merchants: Record<string, number>;
  batch_size_max: number | null;
  concurrency_max: number | null;
}

export interface MerchantDraft {
  merchant_id: string;
  rate_per_s: string;
}

export interface LimitsDraft {
  rate_per_s: string;
  batch_size_max: string;
  concurrency_max: string;
  merchants: MerchantDraft[];
}

export function draftOf(limits: FleetLimits): LimitsDraft {
  const text = (value: number | null): string => (value === null ? "" : String(value));
  return {
    rate_per_s: text(limits.rate_per_s),
    batch_size_max: text(limits.batch_size_max),
    concurrency_max: text(limits.concurrency_max),
    merchants: Object.entries(limits.merchants).map(([merchant_id, rate]) => ({
      merchant_id,
      rate_per_s: String(rate),
    })),
  };
}

export interface Checked {
  limits: FleetLimits | null;
  /** Faults by field, as `rate_per_s` or `merchants.0.rate_per_s`. */
  faults: Record<string, string>;
}

export function checked(draft: LimitsDraft): Checked {
  const faults: Record<string, string> = {};
  const number = (field: string, text: string, whole: boolean): number | null => {
    const trimmed = text.trim();
    if (trimmed === "") return null;
    const value = Number(trimmed);
    if (!Number.isFinite(value) || value <= 0 || (whole && !Number.isInteger(value))) {
      faults[field] = whole
        ? "A whole number above 0, or empty for no limit."
        : "A number above 0, or empty for no limit.";
      return null;
    }
    return value;
  };
  const merchants: Record<string, number> = {};
  draft.merchants.forEach(({ merchant_id: merchant, rate_per_s: rate }, index) => {
    const name = merchant.trim();
    const value = number(`merchants.${index}.rate_per_s`, rate, false);
    if (name === "") faults[`merchants.${index}.merchant_id`] = "Which merchant?";
    else if (name in merchants) faults[`merchants.${index}.merchant_id`] = "This merchant has a limit above.";
    else if (value !== null) merchants[name] = value;
    else faults[`merchants.${index}.rate_per_s`] ??= "A number above 0; remove the row for no limit.";
  });
  const limits = {
    rate_per_s: number("rate_per_s", draft.rate_per_s, false),
    batch_size_max: number("batch_size_max", draft.batch_size_max, true),
    concurrency_max: number("concurrency_max", draft.concurrency_max, true),
    merchants,
  };
  return { limits: Object.keys(faults).length > 0 ? null : limits, faults };
}
