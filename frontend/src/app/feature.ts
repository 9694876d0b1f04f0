import type { LucideIcon } from "lucide-react";
import type { ComponentType } from "react";
import type { Role } from "@/api/types";

export type NavGroup = "watch" | "trail" | "repair" | "run" | "people";

/** What a feature folder tells the console: `src/features/<feature>/feature.ts`, default export. */
export interface Feature {
  nav?: {
    label: string;
    path: string;
    group: NavGroup;
    /** Position inside the group. */
    order: number;
    icon: LucideIcon;
    /** The second key of the jump `g …`. */
    jump?: string;
    /** The role that sees anything there; others see the entry and, on the page, why it is empty. */
    needs?: Role;
  };
  routes: readonly FeatureRoute[];
}

export interface FeatureRoute {
  path: string;
  /** Loaded when first visited; the default export is the page. */
  page: () => Promise<{ default: ComponentType }>;
  /** Reached without being signed in. */
  open?: boolean;
}

const found = import.meta.glob<{ default: Feature }>("../features/*/feature.ts", { eager: true });

export const features: readonly Feature[] = Object.values(found).map((module) => module.default);

export const NAV_GROUPS: readonly { id: NavGroup; label: string }[] = [
  { id: "watch", label: "Watch" },
  { id: "trail", label: "Trail" },
  { id: "repair", label: "Repair" },
  { id: "run", label: "Run" },
  { id: "people", label: "People" },
];

export interface NavEntry extends NonNullable<Feature["nav"]> {}

export function navEntries(): NavEntry[] {
  const rank = (entry: NavEntry) =>
    NAV_GROUPS.findIndex((group) => group.id === entry.group) * 100 + entry.order;
  return features.flatMap((feature) => (feature.nav ? [feature.nav] : [])).sort((a, b) => rank(a) - rank(b));
}
