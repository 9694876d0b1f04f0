import { keepPreviousData, useQuery } from "@tanstack/react-query";
import { type ReactNode, useCallback, useEffect, useMemo, useState } from "react";
import { pollEvery } from "@/api/live";
import type { Page } from "@/api/types";
import { useKeys } from "@/ui/keys/keys";
import { PageFrame } from "@/ui/page/page-frame";
import { SidePanel } from "@/ui/panel/side-panel";
import { EmptyState, LoadingRows, ProblemState } from "@/ui/states/states";
import { ColumnChooser } from "./column-chooser";
import { CsvButton } from "./csv-button";
import { DataTable } from "./data-table";
import type { ListDefinition } from "./definition";
import { FilterBar } from "./filter-bar";
import classes from "./list-frame.module.css";
import { Paging } from "./paging";
import { apiQuery, isFiltered, type ListState } from "./url-state";
import { useColumns } from "./use-columns";
import { useListUrl } from "./use-list-url";
import { type News, useQuietRefresh } from "./use-quiet-refresh";

interface ListFrameProps<Row, Query> {
  title: string;
  definition: ListDefinition<Row>;
  rowKey: (row: Row) => string;
  /** One page; the query is what the URL says, in the API's words. */
  fetchPage: (query: Query, signal: AbortSignal) => Promise<Page<Row>>;
  /** The start of the query key; the query itself follows. Pages that change rows invalidate by it. */
  queryKey: readonly unknown[];
  /** What is said where nothing is there at all; a filter that matches nothing has its own words. */
  empty: { title: string; text: ReactNode };
  /** The side panel of the open row. */
  panel?: {
    title: (key: string) => ReactNode;
    body: (key: string) => ReactNode;
    href?: (key: string) => string;
  };
  actions?: ReactNode;
  /** Between the filters and the table, as presets and live news. */
  above?: ReactNode;
  /** With it, rows can be selected; it gets those of the page that are. */
  bulk?: (rows: readonly Row[], clear: () => void) => ReactNode;
  /** Polls this often while the list is not paused; lists that the stream feeds leave it out. */
  pollMs?: number;
  /** Calls back on news of these rows, as the stream does; they are then brought up to date without moving. */
  news?: News;
  /** Rows to be marked as just changed, besides those that the list finds itself. */
  changed?: ReadonlySet<string>;
  /** Stands in for the CSV button where the server writes exports itself; gets the query in force. */
  exporter?: (query: Query) => ReactNode;
}

/** A page that is one list: filters in the URL, columns, CSV, cursor pages, keyboard rows and a side panel. */
export function ListFrame<Row, Query>(props: ListFrameProps<Row, Query>) {
  const { definition, rowKey, panel, bulk } = props;
  const url = useListUrl(definition);
  const columns = useColumns(definition);
  const { rows, query, request, quiet } = useRows(props, url.state);
  const [selected, setSelected] = useSelection(rows, rowKey);
  const chosenRows = rows.filter((row) => selected.has(rowKey(row)));

  return (
    <PageFrame
      title={props.title}
      actions={props.actions}
      fill
      panel={
        panel !== undefined && url.state.open !== null ? (
          <SidePanel
            title={panel.title(url.state.open)}
            {...(panel.href === undefined ? {} : { href: panel.href(url.state.open) })}
            onClose={() => {
              const key = url.state.open;
              url.setOpen(null);
              focusRow(key);
            }}
          >
            {panel.body(url.state.open)}
          </SidePanel>
        ) : null
      }
    >
      <div className={classes.tools}>
        {Object.keys(definition.fields).length > 0 ? (
          <FilterBar definition={definition} url={url} />
        ) : (
          <span />
        )}
        <div className={classes.buttons}>
          <ColumnChooser definition={definition} choice={columns} />
          {props.exporter !== undefined ? (
            props.exporter(request as Query)
          ) : (
            <CsvButton
              name={definition.name}
              columns={columns.shown}
              fetchPage={(cursor, signal) =>
                props.fetchPage({ ...request, limit: 200, cursor: cursor ?? undefined } as Query, signal)
              }
            />
          )}
        </div>
      </div>
      {props.above}
      {chosenRows.length > 0 && bulk !== undefined && (
        <section className={classes.bulk} aria-label="What to do with the selected rows">
          <strong>{chosenRows.length} selected</strong>
          {bulk(chosenRows, () => setSelected(new Set()))}
        </section>
      )}
      {quiet.newer > 0 && (
        <NewerRows
          count={quiet.newer}
          full={quiet.newer >= url.state.limit}
          onShow={() => {
            quiet.forget();
            void query.refetch();
          }}
        />
      )}
      <div className={classes.scroll}>
        {query.isPending ? (
          <LoadingRows />
        ) : query.isError && query.data === undefined ? (
          <ProblemState problem={query.error} onRetry={() => void query.refetch()} />
        ) : rows.length === 0 ? (
          <NoRows filtered={isFiltered(url.state)} empty={props.empty} onClear={() => url.setFilters({})} />
        ) : (
          <DataTable
            label={props.title}
            rows={rows}
            columns={columns.shown}
            rowKey={rowKey}
            sort={url.state.sort}
            onSort={url.setSort}
            fading={query.isPlaceholderData}
            {...(panel === undefined
              ? {}
              : { onOpen: (row: Row) => url.setOpen(rowKey(row)), openKey: url.state.open })}
            {...(bulk === undefined ? {} : { selected, onSelected: setSelected })}
            changed={
              props.changed === undefined ? quiet.changed : new Set([...quiet.changed, ...props.changed])
            }
          />
        )}
      </div>
      {query.isError && query.data !== undefined && (
        <p className={classes.stale} role="alert">
          These rows are old: {query.error.message}
        </p>
      )}
      <Paging
        url={url}
        rows={rows.length}
        at={query.data?.at ?? null}
        next={query.data?.next_cursor ?? null}
        previous={query.data?.prev_cursor ?? null}
      />
    </PageFrame>
  );
}

/** A page with the moment at which it was asked for. */
type DatedPage<Row> = Page<Row> & { at: number };

function useRows<Row, Query>(props: ListFrameProps<Row, Query>, state: ListState) {
  const { definition, fetchPage, queryKey, pollMs } = props;
  const key = JSON.stringify([state.filters, state.sort, state.limit, state.cursor, state.at]);
  const request = useMemo(() => {
    const [filters, sort, limit] = JSON.parse(key);
    const whole: ListState = { filters, sort, limit, cursor: null, at: null, open: null, faults: [] };
    return apiQuery(whole, definition, Date.now());
  }, [key, definition]);
  const read = async (signal: AbortSignal): Promise<DatedPage<Row>> => {
    // Asked anew each time, so that "last 15 minutes" moves on with the clock; a later page keeps to the moment of
    // the first, since its cursor holds for exactly that question.
    const at = (state.cursor === null ? null : state.at) ?? Date.now();
    return { ...(await fetchPage(apiQuery(state, definition, at) as Query, signal)), at };
  };
  const fullKey = [...queryKey, "list", key];
  const query = useQuery({
    queryKey: fullKey,
    queryFn: ({ signal }) => read(signal),
    placeholderData: keepPreviousData,
    refetchInterval: pollMs === undefined ? false : pollEvery(pollMs),
  });
  const quiet = useQuietRefresh(fullKey, props.news, props.rowKey, read);
  return { rows: query.data?.items ?? [], query, request, quiet };
}

/** Selected rows of this page; rows that leave the page leave the selection. */
function useSelection<Row>(rows: readonly Row[], rowKey: (row: Row) => string) {
  const [selected, setSelected] = useState<ReadonlySet<string>>(new Set());
  const present = rows.map(rowKey).join("\n");
  useEffect(() => {
    const keys = new Set(present.split("\n"));
    setSelected((before) => {
      const kept = [...before].filter((key) => keys.has(key));
      return kept.length === before.size ? before : new Set(kept);
    });
  }, [present]);
  return [selected, useCallback((next: ReadonlySet<string>) => setSelected(next), [])] as const;
}

function NewerRows({ count, full, onShow }: { count: number; full: boolean; onShow: () => void }) {
  useKeys([{ keys: ".", label: "Show the newer rows", group: "List", run: onShow }]);
  return (
    <button type="button" className={classes.newer} onClick={onShow}>
      {full
        ? `${count} or more newer rows; those below are no longer kept up to date. Show`
        : `${count} newer ${count === 1 ? "row" : "rows"}. Show`}
    </button>
  );
}

function focusRow(key: string | null): void {
  if (key === null) return;
  requestAnimationFrame(() => {
    document.querySelector<HTMLElement>(`tr[data-row="${CSS.escape(key)}"] [data-opener]`)?.focus();
  });
}

function NoRows(props: {
  filtered: boolean;
  empty: { title: string; text: ReactNode };
  onClear: () => void;
}) {
  if (!props.filtered) return <EmptyState title={props.empty.title}>{props.empty.text}</EmptyState>;
  return (
    <EmptyState title="Nothing matches" action={{ label: "Clear the filters", run: props.onClear }}>
      No row fits all of the filters above.
    </EmptyState>
  );
}
