import type { ReactNode } from "react";

export interface Choice {
  value: string;
  label: string;
}

/** What a filter takes. Its key in the definition is the parameter's name, in the URL and in the API alike. */
export type Field =
  | { kind: "text"; label: string; placeholder?: string }
  | { kind: "choice"; label: string; many: boolean; choices: readonly Choice[] }
  /** A moment: RFC 3339, or a span before now such as `-24h`. `from` and `to` are edited together. */
  | { kind: "time"; label: string; end: "from" | "to"; pair: string }
  | { kind: "minor"; label: string; end: "min" | "max"; pair: string }
  | { kind: "flag"; label: string };

export interface Column<Row> {
  id: string;
  label: string;
  cell: (row: Row) => ReactNode;
  /** What the CSV says. */
  text: (row: Row) => string;
  align?: "end";
  /** The API's sort key, where the list can be sorted by it. */
  sort?: string;
  /** Shown until the user chooses otherwise. */
  initial: boolean;
  /** 1 stays on a phone, 2 from a tablet on, 3 where there is room. */
  rank: 1 | 2 | 3;
}

export interface ListDefinition<Row> {
  /** The name under which column choices are kept. */
  name: string;
  fields: Readonly<Record<string, Field>>;
  /** The field that plain words in the search box go to. */
  words: string | null;
  sorts: readonly string[];
  defaultSort: string;
  columns: readonly Column<Row>[];
}

/**
 * A list's filters, sorts and columns. `Query` is the API operation's query, so a filter that the API does not have
 * fails to compile.
 */
export function defineList<Query extends object>() {
  return <Row>(definition: {
    name: string;
    fields: { [K in keyof Query]?: Field };
    words: (keyof Query & string) | null;
    sorts: readonly string[];
    defaultSort: string;
    columns: readonly Column<Row>[];
  }): ListDefinition<Row> => definition as ListDefinition<Row>;
}
