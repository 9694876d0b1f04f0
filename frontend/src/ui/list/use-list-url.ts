import { useCallback, useMemo } from "react";
import { useSearchParams } from "react-router";
import type { ListDefinition } from "./definition";
import { type ListState, parseState, serializeState } from "./url-state";

export interface ListUrl {
  state: ListState;
  /** Changes filters; the page starts again at its first row. */
  setFilters: (filters: ListState["filters"]) => void;
  setFilter: (name: string, values: readonly string[]) => void;
  setSort: (sort: string) => void;
  setLimit: (limit: number) => void;
  /** Turns the page; `at` is when the page was asked for that the cursor came with. */
  setCursor: (cursor: string | null, at: number | null) => void;
  setOpen: (open: string | null) => void;
}

/** A list's state, kept in the URL and nowhere else. */
export function useListUrl<Row>(definition: ListDefinition<Row>): ListUrl {
  const [params, setParams] = useSearchParams();
  const state = useMemo(() => parseState(params, definition), [params, definition]);

  const change = useCallback(
    (next: Partial<ListState>, replace = false) => {
      setParams((before) => serializeState({ ...parseState(before, definition), ...next }, definition), {
        replace,
      });
    },
    [setParams, definition],
  );

  return useMemo(
    () => ({
      state,
      setFilters: (filters) => change({ filters, cursor: null, at: null }),
      setFilter: (name, values) => {
        const filters = { ...state.filters };
        if (values.length > 0) filters[name] = values;
        else delete filters[name];
        change({ filters, cursor: null, at: null });
      },
      setSort: (sort) => change({ sort, cursor: null, at: null }),
      setLimit: (limit) => change({ limit, cursor: null, at: null }),
      setCursor: (cursor, at) => change({ cursor, at }),
      setOpen: (open) => change({ open }, state.open !== null && open !== null),
    }),
    [state, change],
  );
}
