import { HttpResponse, http, type JsonBodyType } from "msw";
import { setupServer } from "msw/node";
import { afterAll, afterEach, beforeAll } from "vitest";

export const API = "http://localhost:3000/api/v1";

export const server = setupServer();

/** Starts the mocked API for the tests of a file; a call that no handler knows fails the test. */
export function mockServer(): void {
  beforeAll(() => server.listen({ onUnhandledRequest: "error" }));
  afterEach(() => server.resetHandlers());
  afterAll(() => server.close());
}

/** Answers a GET below `/api/v1`, and keeps the URLs that it was asked with. */
export function answer(path: string, body: JsonBodyType, headers: Record<string, string> = {}): URL[] {
  const asked: URL[] = [];
  server.use(
    http.get(API + path, ({ request }) => {
      asked.push(new URL(request.url));
      return HttpResponse.json(body, { headers });
    }),
  );
  return asked;
}

export function problem(status: number, code: string, more: Record<string, unknown> = {}) {
  return HttpResponse.json(
    {
      type: `/api/docs/problems#${code}`,
      title: code.replaceAll("_", " "),
      status,
      detail: `Detail of ${code}.`,
      code,
      correlation_id: "corr-17",
      errors: [],
      ...more,
    },
    { status, headers: { "Content-Type": "application/problem+json" } },
  );
}

export function refuse(path: string, status: number, code: string): void {
  server.use(http.get(API + path, () => problem(status, code)));
}

export function page<Row>(items: readonly Row[], more: Record<string, string | null> = {}) {
  return { items: [...items], next_cursor: null, prev_cursor: null, count: null, ...more };
}
