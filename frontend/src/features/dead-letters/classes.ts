import type { Tone } from "@/ui/badges/badges";
import type { GlyphName } from "@/ui/badges/glyph";
import type { Letter, LetterClass } from "./dead-letters";

interface ClassWords {
  label: string;
  means: string;
}

export const CLASSES: Readonly<Record<LetterClass, ClassWords>> = {
  malformed: {
    label: "Malformed",
    means: "It is no payment event.",
  },
  conflict: {
    label: "Conflict",
    means: "It contradicts what is recorded.",
  },
  impossible: {
    label: "Impossible",
    means: "It can never be true of its payment.",
  },
  exhausted: {
    label: "Exhausted",
    means: "No worker could decide it within the receives that the queue allows.",
  },
  orphaned: {
    label: "Orphaned",
    means: "It waited for another fact until its source gave up.",
  },
};

/** Groups may be of a class that this console does not know yet. */
export function classLabel(name: string): string {
  return Object.entries(CLASSES).find(([known]) => known === name)?.[1].label ?? name;
}

export const STATUSES: Readonly<Record<Letter["status"], { label: string; tone: Tone; glyph: GlyphName }>> = {
  open: { label: "Open", tone: "bad", glyph: "ring" },
  replayed: { label: "Replayed", tone: "good", glyph: "full" },
  discarded: { label: "Discarded", tone: "mute", glyph: "struck" },
};

/** `unknown_currency` becomes `unknown currency`. */
export function reasonWords(reason: string): string {
  return reason.replaceAll("_", " ");
}
