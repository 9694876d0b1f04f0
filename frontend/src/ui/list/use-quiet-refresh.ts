import { useQueryClient } from "@tanstack/react-query";
import { useCallback, useEffect, useRef, useState } from "react";
import { paused } from "@/api/live";
import type { Page } from "@/api/types";

/** News come a thousand a second; the rows are read again at most this often. */
const EVERY_MS = 3_000;
const FLASH_MS = 2_400;
const NONE: ReadonlySet<string> = new Set();

export type News = (callback: () => void) => () => void;

export interface QuietRefresh {
  /** Rows that a new reading would put on this page and that are not shown yet. */
  newer: number;
  /** Rows that just changed. */
  changed: ReadonlySet<string>;
  forget: () => void;
}

/**
 * Brings the rows on screen up to date without moving them: whoever is about to press on a row must not find another
 * one under the pointer. Rows that are new are only counted; the reader decides when they come in.
 *
 * @param news calls back on each piece of news and returns how to stop; it must be the same function on every render.
 */
export function useQuietRefresh<Row>(
  queryKey: readonly unknown[],
  news: News | undefined,
  rowKey: (row: Row) => string,
  read: (signal: AbortSignal) => Promise<Page<Row>>,
): QuietRefresh {
  const client = useQueryClient();
  const [newer, setNewer] = useState(0);
  const [changed, setChanged] = useState(NONE);
  const timer = useRef<ReturnType<typeof setTimeout> | undefined>(undefined);
  const reading = useRef<AbortController | null>(null);
  const latest = useRef({ queryKey, rowKey, read });
  useEffect(() => {
    latest.current = { queryKey, rowKey, read };
  });
  const identity = JSON.stringify(queryKey);

  // biome-ignore lint/correctness/useExhaustiveDependencies: another list starts with nothing counted
  useEffect(() => {
    const controller = new AbortController();
    reading.current = controller;
    setNewer(0);
    setChanged(NONE);
    return () => {
      controller.abort();
      clearTimeout(timer.current);
      timer.current = undefined;
    };
  }, [identity]);

  useEffect(() => {
    const refresh = async () => {
      timer.current = undefined;
      const { queryKey: key, rowKey: keyOf, read: readPage } = latest.current;
      const signal = reading.current?.signal;
      const before = client.getQueryData<Page<Row>>(key);
      if (paused.get() || document.hidden || before === undefined || signal === undefined) return;
      const page = await readPage(signal).catch(() => null);
      if (page === null || signal.aborted) return;
      const merged = mergeRows(client.getQueryData<Page<Row>>(key)?.items ?? before.items, page.items, keyOf);
      client.setQueryData<Page<Row>>(key, (old) =>
        old === undefined ? old : { ...old, items: merged.rows },
      );
      setNewer(merged.newer);
      if (merged.changed.size > 0) setChanged(merged.changed);
    };
    return news?.(() => {
      timer.current ??= setTimeout(() => void refresh(), EVERY_MS);
    });
  }, [news, client]);

  useEffect(() => {
    if (changed.size === 0) return;
    const end = setTimeout(() => setChanged(NONE), FLASH_MS);
    return () => clearTimeout(end);
  }, [changed]);

  return { newer, changed, forget: useCallback(() => setNewer(0), []) };
}

/** The shown rows with what a new reading says of them, in their old places. */
export function mergeRows<Row>(
  shown: readonly Row[],
  read: readonly Row[],
  rowKey: (row: Row) => string,
): { rows: Row[]; newer: number; changed: ReadonlySet<string> } {
  const fresh = new Map(read.map((row) => [rowKey(row), row]));
  const changed = new Set<string>();
  const rows = shown.map((row) => {
    const key = rowKey(row);
    const now = fresh.get(key);
    fresh.delete(key);
    if (now === undefined || JSON.stringify(now) === JSON.stringify(row)) return row;
    changed.add(key);
    return now;
  });
  return { rows, newer: fresh.size, changed };
}
