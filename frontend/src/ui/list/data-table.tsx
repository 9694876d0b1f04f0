import { Checkbox } from "@mantine/core";
import { ArrowDown, ArrowUp } from "lucide-react";
import { type MouseEvent, useRef } from "react";
import { useKeys } from "@/ui/keys/keys";
import classes from "./data-table.module.css";
import type { Column } from "./definition";

interface DataTableProps<Row> {
  label: string;
  rows: readonly Row[];
  columns: readonly Column<Row>[];
  rowKey: (row: Row) => string;
  /** Opens a row. The first column is the link or button that does it. */
  onOpen?: (row: Row) => void;
  openKey?: string | null;
  sort?: string;
  onSort?: (sort: string) => void;
  selected?: ReadonlySet<string>;
  onSelected?: (selected: ReadonlySet<string>) => void;
  /** Older rows under a new question: shown, but not as current. */
  fading?: boolean;
  /** Names of the rows that just changed. */
  changed?: ReadonlySet<string>;
}

/**
 * A plain table whose rows answer to `j`, `k`, Enter and `x`. The keyboard's place is the focus itself, on the first
 * cell's button, so screen readers and sight agree on it.
 */
export function DataTable<Row>(props: DataTableProps<Row>) {
  const { rows, columns, rowKey, onOpen, openKey, selected, onSelected } = props;
  const body = useRef<HTMLTableSectionElement>(null);
  const table = useRowKeys(body, rows.map(rowKey), selected, onSelected);
  const all = selected !== undefined && rows.length > 0 && rows.every((row) => selected.has(rowKey(row)));
  const some = selected !== undefined && !all && rows.some((row) => selected.has(rowKey(row)));

  const openByMouse = (event: MouseEvent, row: Row) => {
    const target = event.target as Element;
    if (target.closest("a, button, input, label") !== null) return;
    if (window.getSelection()?.toString()) return;
    onOpen?.(row);
  };

  return (
    <table className={classes.table} aria-label={props.label} data-fading={props.fading || undefined}>
      <thead>
        <tr>
          {selected !== undefined && (
            <th scope="col" className={classes.check}>
              <Checkbox
                size="xs"
                aria-label="Select all rows of this page"
                checked={all}
                indeterminate={some}
                onChange={() => onSelected?.(all ? new Set() : new Set(rows.map(rowKey)))}
              />
            </th>
          )}
          {columns.map((column) => (
            <HeaderCell key={column.id} column={column} sort={props.sort} onSort={props.onSort} />
          ))}
        </tr>
      </thead>
      <tbody ref={body}>
        {rows.map((row) => {
          const key = rowKey(row);
          return (
            // The first cell holds the button that a keyboard uses; the row only widens it for the mouse.
            <tr
              key={key}
              data-row={key}
              data-open={key === openKey || undefined}
              data-changed={props.changed?.has(key) || undefined}
              data-clickable={onOpen !== undefined || undefined}
              onClick={(event) => openByMouse(event, row)}
            >
              {selected !== undefined && (
                <td className={classes.check}>
                  <Checkbox
                    size="xs"
                    aria-label={`Select ${key}`}
                    checked={selected.has(key)}
                    onChange={() => table.toggle(key)}
                  />
                </td>
              )}
              {columns.map((column, index) => (
                <td key={column.id} data-align={column.align} data-rank={column.rank}>
                  {index === 0 && onOpen !== undefined ? (
                    <button type="button" className={classes.opener} data-opener onClick={() => onOpen(row)}>
                      {column.cell(row)}
                    </button>
                  ) : (
                    column.cell(row)
                  )}
                </td>
              ))}
            </tr>
          );
        })}
      </tbody>
    </table>
  );
}

interface HeaderCellProps<Row> {
  column: Column<Row>;
  sort: string | undefined;
  onSort: ((sort: string) => void) | undefined;
}

function HeaderCell<Row>({ column, sort, onSort }: HeaderCellProps<Row>) {
  const common = { scope: "col", "data-align": column.align, "data-rank": column.rank } as const;
  if (column.sort === undefined || onSort === undefined) return <th {...common}>{column.label}</th>;
  const descending = sort === `-${column.sort}`;
  const active = descending || sort === column.sort;
  const Arrow = descending ? ArrowDown : ArrowUp;
  return (
    <th {...common} aria-sort={active ? (descending ? "descending" : "ascending") : "none"}>
      <button
        type="button"
        className={classes.sorter}
        onClick={() => onSort(active && descending ? (column.sort ?? "") : `-${column.sort}`)}
      >
        {column.label}
        {active && <Arrow size={12} aria-hidden />}
      </button>
    </th>
  );
}

function useRowKeys(
  body: React.RefObject<HTMLTableSectionElement | null>,
  keys: readonly string[],
  selected: ReadonlySet<string> | undefined,
  onSelected: ((selected: ReadonlySet<string>) => void) | undefined,
) {
  const here = () => document.activeElement?.closest("tr")?.getAttribute("data-row") ?? null;
  const lastFocused = useRef<string | null>(null);
  const move = (step: number) => {
    const from = keys.indexOf(here() ?? lastFocused.current ?? "");
    const to =
      from === -1 ? (step > 0 ? 0 : keys.length - 1) : Math.min(keys.length - 1, Math.max(0, from + step));
    const key = keys[to];
    if (key === undefined) return;
    lastFocused.current = key;
    const row = [...(body.current?.rows ?? [])].find((each) => each.dataset.row === key);
    const target =
      row?.querySelector<HTMLElement>("[data-opener]") ??
      row?.querySelector<HTMLElement>("a[href], button, input");
    target?.focus();
    row?.scrollIntoView({ block: "nearest" });
  };
  const toggle = (key: string) => {
    if (selected === undefined) return;
    const next = new Set(selected);
    if (!next.delete(key)) next.add(key);
    onSelected?.(next);
  };
  useKeys([
    { keys: "j", label: "Next row", group: "List", run: () => move(1) },
    { keys: "k", label: "Previous row", group: "List", run: () => move(-1) },
    {
      keys: "Enter",
      label: "Open the row",
      group: "List",
      run: () => body.current?.querySelector<HTMLElement>("tr:focus-within [data-opener]")?.click(),
    },
    ...(selected === undefined
      ? []
      : [
          {
            keys: "x",
            label: "Select the row",
            group: "List",
            run: () => {
              const key = here();
              if (key !== null) toggle(key);
            },
          },
        ]),
  ]);
  return { toggle };
}
