import type { CommandKind, TransactionRow } from "@/api/types";

export interface CommandText {
  kind: CommandKind;
  label: string;
  /** Which sum bounds its amount; null where it has none. */
  bound: "capturable_minor" | "refundable_minor" | null;
  boundName: string;
  /** What it does, for the head of its dialog. */
  explains: string;
  key: string;
  danger: boolean;
}

export const COMMANDS: readonly CommandText[] = [
  {
    kind: "capture",
    label: "Capture",
    bound: "capturable_minor",
    boundName: "left to capture",
    explains: "Asks the provider to take money that is authorized.",
    key: "c",
    danger: false,
  },
  {
    kind: "refund",
    label: "Refund",
    bound: "refundable_minor",
    boundName: "left to refund",
    explains: "Asks the provider to give captured money back.",
    key: "r",
    danger: true,
  },
  {
    kind: "void",
    label: "Void",
    bound: "capturable_minor",
    boundName: "left to void",
    explains: "Asks the provider to let go of money that is authorized and not captured.",
    key: "v",
    danger: true,
  },
  {
    kind: "cancel",
    label: "Cancel",
    bound: null,
    boundName: "",
    explains: "Closes the payment to new attempts. No money moves.",
    key: "n",
    danger: true,
  },
];

export function boundOf(command: CommandText, payment: TransactionRow): number | null {
  return command.bound === null ? null : payment.sums[command.bound];
}

/** The server names reasons in half sentences; on the page they stand alone. */
function sentence(text: string): string {
  return `${text.charAt(0).toUpperCase()}${text.slice(1)}${text.endsWith(".") ? "" : "."}`;
}

/** Why a command cannot be given: the role first, then what the payment allows. */
export function commandRefusal(
  command: CommandText,
  allowed: readonly string[],
  refusals: Readonly<Record<string, string>>,
  roleRefusal: string | null,
): string | null {
  if (roleRefusal !== null) return roleRefusal;
  if (allowed.includes(command.kind)) return null;
  return sentence(refusals[command.kind] ?? "The payment does not allow it now");
}
