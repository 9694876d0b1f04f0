import type { Tone } from "@/ui/badges/badges";
import type { GlyphName } from "@/ui/badges/glyph";
import type { Letter, LetterClass } from "./dead-letters";

interface ClassWords {
  label: string;
  means: string;
  /** What usually helps. */
  next: string;
}

export const CLASSES: Readonly<Record<LetterClass, ClassWords>> = {
  malformed: {
    label: "Malformed",
    means: "It is no payment event.",
    next: "Have the sender corrected. Replay it if PayFlow's sources file was at fault and is mended.",
  },
  conflict: {
    label: "Conflict",
    means: "It contradicts what is recorded.",
    next: "Ask the provider which of the two is true. A replay would conflict again, or be a duplicate.",
  },
  impossible: {
    label: "Impossible",
    means: "It can never be true of its payment.",
    next: "Check payment and amount with the provider. A replay would be a duplicate: the trail has it.",
  },
  exhausted: {
    label: "Exhausted",
    means: "No worker could decide it within the receives that the queue allows.",
    next: "Find its message id in the workers' logs, mend what failed, then replay it.",
  },
  orphaned: {
    label: "Orphaned",
    means: "It waited for another fact until its source gave up.",
    next: "Find out why what it waited for never came. A replay would be a duplicate: the trail has it.",
  },
};

export const STATUSES: Readonly<Record<Letter["status"], { label: string; tone: Tone; glyph: GlyphName }>> = {
  open: { label: "Open", tone: "bad", glyph: "ring" },
  replayed: { label: "Replayed", tone: "good", glyph: "full" },
  discarded: { label: "Discarded", tone: "mute", glyph: "struck" },
};

/** `unknown_currency` becomes `unknown currency`. */
export function reasonWords(reason: string): string {
  return reason.replaceAll("_", " ");
}
