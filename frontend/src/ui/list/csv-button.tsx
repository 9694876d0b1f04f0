import { ActionIcon, Tooltip } from "@mantine/core";
import { Download, X } from "lucide-react";
import { useEffect, useRef, useState } from "react";
import type { Page } from "@/api/types";
import { problemToast, toast } from "@/ui/toast/toast";
import { CSV_ROWS_MAX, collect, csvOf, download } from "./csv";
import type { Column } from "./definition";

interface CsvButtonProps<Row> {
  name: string;
  columns: readonly Column<Row>[];
  fetchPage: (cursor: string | null, signal: AbortSignal) => Promise<Page<Row>>;
}

/** The rows of the filter in force, all pages of them, in the columns that are shown. A second press stops it. */
export function CsvButton<Row>({ name, columns, fetchPage }: CsvButtonProps<Row>) {
  const [rows, setRows] = useState<number | null>(null);
  const running = useRef<AbortController | null>(null);
  useEffect(() => () => running.current?.abort(), []);

  const start = async () => {
    const controller = new AbortController();
    running.current = controller;
    setRows(0);
    try {
      const result = await collect(
        (cursor) => fetchPage(cursor, controller.signal),
        setRows,
        controller.signal,
      );
      download(
        `${name}-${new Date().toISOString().slice(0, 19).replaceAll(":", "")}.csv`,
        csvOf(result.rows, columns),
      );
      const count = result.rows.length.toLocaleString("en-US");
      toast(
        result.cut
          ? `${count} rows saved; more match. Narrow the filter for the rest.`
          : `${count} rows saved.`,
      );
    } catch (error) {
      if (!controller.signal.aborted) problemToast("The CSV was not made", error);
    } finally {
      running.current = null;
      setRows(null);
    }
  };

  const label =
    rows === null
      ? `CSV of what is filtered (at most ${CSV_ROWS_MAX.toLocaleString("en-US")} rows)`
      : `Stop; ${rows.toLocaleString("en-US")} rows so far`;
  return (
    <Tooltip label={label}>
      <ActionIcon
        variant="default"
        size={30}
        aria-label={label}
        onClick={() => (rows === null ? void start() : running.current?.abort())}
      >
        {rows === null ? <Download size={15} aria-hidden /> : <X size={15} aria-hidden />}
      </ActionIcon>
    </Tooltip>
  );
}
