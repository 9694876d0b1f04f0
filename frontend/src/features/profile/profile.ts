import { queryOptions } from "@tanstack/react-query";
import { api, take } from "@/api/client";
import type { Me } from "@/api/session";
import type { Preferences, Reply } from "@/api/types";

export type UserSession = Reply<"/users/me/sessions">["items"][number];

export const SESSIONS_KEY = ["sessions"] as const;

export function sessionsOptions() {
  return queryOptions({
    queryKey: SESSIONS_KEY,
    queryFn: ({ signal }) => take(api.GET("/users/me/sessions", { signal })),
  });
}

export function rename(name: string): Promise<Me> {
  return take(api.PATCH("/users/me", { body: { name } }));
}

export function savePreferences(change: Partial<Preferences>): Promise<Me> {
  return take(api.PATCH("/users/me/preferences", { body: change }));
}

export async function changePassword(current: string, next: string): Promise<void> {
  await take(api.POST("/auth/password/change", { body: { current_password: current, new_password: next } }));
}

export async function endSession(sessionId: string): Promise<void> {
  await take(api.DELETE("/users/me/sessions/{session_id}", { params: { path: { session_id: sessionId } } }));
}
