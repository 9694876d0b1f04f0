/** What each role may do, read from the API's own document, so that the page can't disagree with the server. */

export const ROLES = ["read_only", "operator", "admin"] as const;
export type Role = (typeof ROLES)[number];

export interface Ability {
  operation: string;
  summary: string;
  /** The lowest role that may do it; everybody who is signed in where it is `read_only`. */
  role: Role;
}

export interface AbilityGroup {
  tag: string;
  abilities: Ability[];
}

interface Operation {
  operationId?: string;
  summary?: string;
  tags?: string[];
  security?: unknown[];
  responses?: Record<string, unknown>;
  "x-role"?: unknown;
}

export interface AccessDocument {
  paths?: Record<string, Record<string, unknown>>;
}

const METHODS = new Set(["get", "post", "put", "patch", "delete"]);

export function accessMatrix(document: AccessDocument): AbilityGroup[] {
  const groups = new Map<string, Ability[]>();
  for (const methods of Object.values(document.paths ?? {})) {
    for (const [method, described] of Object.entries(methods)) {
      if (!METHODS.has(method)) continue;
      const operation = described as Operation;
      const role = roleOf(operation);
      if (role === null) continue;
      const tag = operation.tags?.[0] ?? "other";
      const ability = { operation: operation.operationId ?? "", summary: operation.summary ?? "", role };
      groups.set(tag, [...(groups.get(tag) ?? []), ability]);
    }
  }
  return Array.from(groups, ([tag, abilities]) => ({ tag, abilities }));
}

export function may(role: Role, ability: Ability): boolean {
  return ROLES.indexOf(role) >= ROLES.indexOf(ability.role);
}

/** What anybody may do without signing in says nothing about roles and is left out. */
function roleOf(operation: Operation): Role | null {
  // What is there only to say that it is refused is nobody's ability.
  if (!Object.keys(operation.responses ?? {}).some((status) => status.startsWith("2"))) return null;
  const named = ROLES.find((role) => role === operation["x-role"]);
  if (named !== undefined) return named;
  return (operation.security?.length ?? 0) > 0 ? "read_only" : null;
}
