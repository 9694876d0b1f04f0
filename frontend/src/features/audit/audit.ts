import { queryOptions } from "@tanstack/react-query";
import { api, take } from "@/api/client";
import { parseExact } from "@/api/exact-json";
import { problemOf } from "@/api/problem";
import { session } from "@/api/session";
import type { Page, Query, Reply } from "@/api/types";
import type { TrailEntry } from "@/ui/trail/trail";

export type AuditQuery = Query<"/audit">;
export type AuditEntry = Reply<"/audit/{audit_id}">;
export type ExportFormat = "csv" | "jsonl";

export const AUDIT_KEY = ["audit"] as const;

export function fetchAudit(query: AuditQuery, signal: AbortSignal): Promise<Page<TrailEntry>> {
  return take(api.GET("/audit", { params: { query }, signal }));
}

export function entryOptions(auditId: string) {
  return queryOptions({
    queryKey: [...AUDIT_KEY, "one", auditId],
    // Entries never change, so one that was read is read for good.
    staleTime: Number.POSITIVE_INFINITY,
    queryFn: async ({ signal }) => {
      const params = { path: { audit_id: auditId } };
      const text = await take(api.GET("/audit/{audit_id}", { params, parseAs: "text", signal }));
      // A payload may hold numbers that a JavaScript number would change.
      return parseExact(text) as unknown as AuditEntry;
    },
  });
}

/** An export of millions of rows takes minutes; after half an hour it is taken for dead. */
const EXPORT_DEADLINE_MS = 30 * 60_000;

/** Reads the export while the server writes it; tells how many bytes there are so far. */
export async function exportAudit(
  format: ExportFormat,
  query: Record<string, unknown>,
  onBytes: (bytes: number) => void,
  signal: AbortSignal,
): Promise<Blob> {
  const url = new URL(`${window.location.origin}/api/v1/audit/export`);
  url.searchParams.set("format", format);
  for (const [name, value] of Object.entries(query)) url.searchParams.append(name, String(value));
  const response = await session.fetch(new Request(url, { signal }), EXPORT_DEADLINE_MS);
  if (!response.ok) throw await problemOf(response);
  if (response.body === null) return response.blob();
  const chunks: BlobPart[] = [];
  let bytes = 0;
  const reader = response.body.getReader();
  for (;;) {
    const { done, value } = await reader.read();
    if (done) break;
    chunks.push(value);
    bytes += value.byteLength;
    onBytes(bytes);
  }
  return new Blob(chunks, { type: response.headers.get("Content-Type") ?? "text/plain" });
}
