import type { Page } from "@/api/types";
import type { Column } from "./definition";

/** No more rows than this in one file; the button says so before it starts. */
export const CSV_ROWS_MAX = 20_000;

/**
 * One CSV field. A text that a spreadsheet would run as a formula gets an apostrophe in front; numbers, negative
 * ones too, stay numbers.
 */
export function csvField(text: string): string {
  const risky = /^[=+\-@\t\r]/.test(text) && !/^-?\d+(\.\d+)?$/.test(text);
  const safe = risky ? `'${text}` : text;
  return /[",\n\r]/.test(safe) ? `"${safe.replaceAll('"', '""')}"` : safe;
}

export function csvOf<Row>(rows: readonly Row[], columns: readonly Column<Row>[]): string {
  const lines = [columns.map((column) => csvField(column.label))];
  for (const row of rows) lines.push(columns.map((column) => csvField(column.text(row))));
  return `${lines.map((line) => line.join(",")).join("\r\n")}\r\n`;
}

/** Walks all pages from the first; stops at the end, at the cap, or when told to. */
export async function collect<Row>(
  fetchPage: (cursor: string | null) => Promise<Page<Row>>,
  onProgress: (rows: number) => void,
  signal: AbortSignal,
): Promise<{ rows: Row[]; cut: boolean }> {
  const rows: Row[] = [];
  let cursor: string | null = null;
  for (;;) {
    const page: Page<Row> = await fetchPage(cursor);
    signal.throwIfAborted();
    rows.push(...page.items);
    onProgress(rows.length);
    cursor = page.next_cursor;
    if (cursor === null) return { rows: rows.slice(0, CSV_ROWS_MAX), cut: rows.length > CSV_ROWS_MAX };
    if (rows.length >= CSV_ROWS_MAX) return { rows: rows.slice(0, CSV_ROWS_MAX), cut: true };
  }
}

/** Hands a text to the browser as a file. */
export function download(name: string, text: string, type = "text/csv;charset=utf-8"): void {
  save(name, new Blob([text], { type }));
}

/** Hands bytes to the browser as a file. */
export function save(name: string, blob: Blob): void {
  const url = URL.createObjectURL(blob);
  const link = document.createElement("a");
  link.href = url;
  link.download = name;
  link.click();
  // The click only schedules the download; the URL has to outlive it.
  setTimeout(() => URL.revokeObjectURL(url), 10_000);
}
