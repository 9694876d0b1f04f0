import { useMe } from "@/api/session";
import type { Role } from "@/api/types";

const RANK: Record<Role, number> = { read_only: 0, operator: 1, admin: 2 };

export const ROLE_LABELS: Record<Role, string> = {
  read_only: "Read only",
  operator: "Operator",
  admin: "Administrator",
};

/** Why the role may not do something, or null where it may. The server decides; this only spares a refused call. */
export function refusalFor(role: Role, needed: Role): string | null {
  if (RANK[role] >= RANK[needed]) return null;
  return `It takes the role ${ROLE_LABELS[needed]}; yours is ${ROLE_LABELS[role]}.`;
}

export function useRefusal(needed: Role): string | null {
  return refusalFor(useMe().role, needed);
}
