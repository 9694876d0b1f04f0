import createClient from "openapi-fetch";
import { type ApiProblem, problemOf } from "./problem";
import type { paths } from "./schema";
import { session } from "./session";

/** Calls typed by the OpenAPI document. Wrap each in `take`, so that a refusal is thrown as an `ApiProblem`. */
export const api = createClient<paths>({
  baseUrl: `${window.location.origin}/api/v1`,
  fetch: (request) => session.fetch(request),
  querySerializer: { array: { style: "form", explode: true } },
});

interface Taken<T> {
  data?: T;
  error?: unknown;
  response: Response;
}

/** The body of a call that succeeded; throws `ApiProblem` otherwise. */
export async function take<T>(call: Promise<Taken<T>>): Promise<T> {
  const { data, error, response } = await call;
  if (response.ok) return data as T;
  throw await problemFrom(error, response);
}

/** As `take`, with the entity tag that a later change has to name. */
export async function takeTagged<T>(call: Promise<Taken<T>>): Promise<{ body: T; etag: string }> {
  const { data, error, response } = await call;
  if (!response.ok) throw await problemFrom(error, response);
  return { body: data as T, etag: response.headers.get("ETag") ?? "" };
}

async function problemFrom(error: unknown, response: Response): Promise<ApiProblem> {
  // openapi-fetch has read the body already, so the problem is built from what it made of it.
  if (typeof error === "object" && error !== null) {
    return problemOf(
      new Response(JSON.stringify(error), { status: response.status, headers: response.headers }),
    );
  }
  return problemOf(new Response("", { status: response.status, headers: response.headers }));
}
