import type { Sums } from "@/api/types";

export type SumName = keyof Sums;

export const SUM_LABELS: Readonly<Record<SumName, string>> = {
  authorized_minor: "Authorized",
  released_minor: "Released",
  release_pending_minor: "Release pending",
  capturable_minor: "Left to capture",
  capture_pending_minor: "Capture pending",
  captured_minor: "Captured",
  capture_failed_minor: "Capture failed",
  refund_pending_minor: "Refund pending",
  refunded_minor: "Refunded",
  disputed_minor: "Disputed",
  refundable_minor: "Left to refund",
  over_returned_minor: "Returned too much",
};

/** Those that always stand; the others only when they are not zero. */
const ALWAYS: ReadonlySet<SumName> = new Set(["authorized_minor", "captured_minor", "refunded_minor"]);

export function shownSums(sums: Sums): SumName[] {
  return (Object.keys(SUM_LABELS) as SumName[]).filter((name) => ALWAYS.has(name) || sums[name] !== 0);
}

export interface Share {
  id: string;
  label: string;
  minor: bigint;
  /** A token of tokens.css. */
  color: string;
  /** Hatched: promised, not yet moved. */
  pending: boolean;
}

/**
 * Where the authorized money is now: kept, on its way, given back, or still open. The parts add up to what is
 * authorized (or captured, where a provider allowed more); whatever is returned beyond that has a row of its own.
 */
export function shares(sums: Sums): Share[] {
  const n = (name: SumName) => BigInt(sums[name]);
  const floor = (value: bigint) => (value > 0n ? value : 0n);
  const disputed = floor(n("disputed_minor"));
  const kept = floor(n("captured_minor") - n("refunded_minor") - n("refund_pending_minor") - disputed);
  const parts: Share[] = [
    { id: "kept", label: "Kept", minor: kept, color: "--pf-good", pending: false },
    {
      id: "refund_pending",
      label: "Refund pending",
      minor: n("refund_pending_minor"),
      color: "--pf-warn",
      pending: true,
    },
    { id: "refunded", label: "Refunded", minor: n("refunded_minor"), color: "--pf-warn", pending: false },
    { id: "disputed", label: "Disputed", minor: disputed, color: "--pf-violet", pending: false },
    {
      id: "capture_pending",
      label: "Capture pending",
      minor: n("capture_pending_minor"),
      color: "--pf-info",
      pending: true,
    },
    {
      id: "capturable",
      label: "Left to capture",
      minor: floor(n("capturable_minor")),
      color: "--pf-info",
      pending: false,
    },
    {
      id: "release_pending",
      label: "Release pending",
      minor: n("release_pending_minor"),
      color: "--pf-ink-3",
      pending: true,
    },
    { id: "released", label: "Released", minor: n("released_minor"), color: "--pf-ink-3", pending: false },
  ];
  return parts.filter((part) => part.minor > 0n);
}
