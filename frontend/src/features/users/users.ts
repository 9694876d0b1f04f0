import { queryOptions } from "@tanstack/react-query";
import { api, take } from "@/api/client";
import { ifMatch } from "@/api/entity-tag";
import { randomId } from "@/api/identifiers";
import { problemOf } from "@/api/problem";
import { session } from "@/api/session";
import type { Item, Page, Query, Reply } from "@/api/types";
import type { AccessDocument } from "./access-matrix";

export type UsersQuery = Query<"/users">;
export type User = Item<"/users">;
export type Invitation = Reply<"/users", "post">;
export type NewUser = Pick<User, "email" | "name" | "role">;
export type UserChange = { role?: User["role"]; name?: string; disabled?: boolean };

export const USERS_KEY = ["users"] as const;

export function fetchUsers(query: UsersQuery, signal: AbortSignal): Promise<Page<User>> {
  return take(api.GET("/users", { params: { query }, signal }));
}

export function userOptions(userId: string) {
  return queryOptions({
    queryKey: [...USERS_KEY, "one", userId],
    queryFn: ({ signal }) =>
      take(api.GET("/users/{user_id}", { params: { path: { user_id: userId } }, signal })),
  });
}

export function inviteUser(user: NewUser): Promise<Invitation> {
  return take(api.POST("/users", { params: { header: { "Idempotency-Key": randomId() } }, body: user }));
}

export function inviteAgain(userId: string): Promise<Invitation> {
  const params = { path: { user_id: userId }, header: { "Idempotency-Key": randomId() } };
  return take(api.POST("/users/{user_id}/invite", { params }));
}

export function changeUser(user: Pick<User, "user_id" | "etag">, change: UserChange): Promise<User> {
  const params = {
    path: { user_id: user.user_id },
    header: { "Idempotency-Key": randomId(), "If-Match": ifMatch(user.etag) },
  };
  return take(api.PATCH("/users/{user_id}", { params, body: change }));
}

/** The API's own document, for what each role may do. */
export function documentOptions() {
  return queryOptions({
    queryKey: ["openapi"],
    staleTime: Number.POSITIVE_INFINITY,
    queryFn: async ({ signal }) => {
      const response = await session.fetch(
        new Request(`${window.location.origin}/api/v1/openapi.json`, { signal }),
      );
      if (!response.ok) throw await problemOf(response);
      return (await response.json()) as AccessDocument;
    },
  });
}
