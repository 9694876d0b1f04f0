import { Button, NativeSelect } from "@mantine/core";
import { ChevronLeft, ChevronRight } from "lucide-react";
import { useKeys } from "@/ui/keys/keys";
import classes from "./list-frame.module.css";
import { PAGE_SIZES } from "./url-state";
import type { ListUrl } from "./use-list-url";

interface PagingProps {
  url: ListUrl;
  rows: number;
  /** When this page was asked for. */
  at: number | null;
  next: string | null;
  previous: string | null;
}

/** Cursor pages: there is no number of a page, since rows come in while one reads. */
export function Paging({ url, rows, at, next, previous }: PagingProps) {
  const go = (cursor: string | null) => {
    if (cursor !== null) url.setCursor(cursor, at);
  };
  useKeys([
    { keys: "]", label: "Next page", group: "List", run: () => go(next) },
    { keys: "[", label: "Previous page", group: "List", run: () => go(previous) },
  ]);
  return (
    <nav className={classes.paging} aria-label="Pages of the list">
      <span className={classes.rows}>
        {rows} {rows === 1 ? "row" : "rows"}
      </span>
      <NativeSelect
        size="xs"
        aria-label="Rows on a page"
        value={String(url.state.limit)}
        data={PAGE_SIZES.map((size) => ({ value: String(size), label: `${size} a page` }))}
        onChange={(event) => url.setLimit(Number(event.currentTarget.value))}
      />
      {url.state.cursor !== null && (
        <Button variant="subtle" color="gray" size="xs" onClick={() => url.setCursor(null, null)}>
          First
        </Button>
      )}
      <Button
        variant="default"
        size="xs"
        disabled={previous === null}
        leftSection={<ChevronLeft size={14} aria-hidden />}
        onClick={() => go(previous)}
      >
        Previous
      </Button>
      <Button
        variant="default"
        size="xs"
        disabled={next === null}
        rightSection={<ChevronRight size={14} aria-hidden />}
        onClick={() => go(next)}
      >
        Next
      </Button>
    </nav>
  );
}
