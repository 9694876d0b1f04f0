import { TextInput } from "@mantine/core";
import type { ReactNode } from "react";
import { formatMinor, parseAmount } from "./money";

interface AmountFieldProps {
  label: string;
  text: string;
  onText: (text: string) => void;
  currency: string;
  exponent: number;
  /** No more than this, in minor units, and what it is called: "refundable". */
  limit?: { minor: number; name: string };
  fault?: ReactNode;
  description?: ReactNode;
  disabled?: boolean;
  /** Takes the focus when its dialog opens. */
  autofocus?: boolean;
}

/** The fault in a typed amount, or null; an empty text is left to the form. */
export function amountFault(
  text: string,
  exponent: number,
  limit?: { minor: number; name: string },
): string | null {
  const parsed = parseAmount(text, exponent);
  if ("fault" in parsed) return parsed.fault;
  if (limit !== undefined && parsed.minor > limit.minor) {
    return `Only ${formatMinor(limit.minor, exponent)} is ${limit.name}.`;
  }
  return null;
}

/** An input for money: the currency stands beside it, its exponent decides the decimals. */
export function AmountField({
  text,
  onText,
  currency,
  exponent,
  limit,
  fault,
  autofocus,
  ...rest
}: AmountFieldProps) {
  const shown = fault ?? (text.trim() === "" ? null : amountFault(text, exponent, limit));
  return (
    <TextInput
      {...rest}
      data-autofocus={autofocus || undefined}
      value={text}
      onChange={(event) => onText(event.currentTarget.value)}
      error={shown}
      inputMode={exponent > 0 ? "decimal" : "numeric"}
      autoComplete="off"
      placeholder={formatMinor(0, exponent)}
      rightSection={<span aria-hidden>{currency}</span>}
      rightSectionWidth={52}
    />
  );
}
