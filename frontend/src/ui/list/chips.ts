import type { Field } from "./definition";

/** One filter in force; a pair of bounds makes one chip. */
export interface Chip {
  /** The field's name, or the pair's. */
  id: string;
  names: readonly string[];
  label: string;
  text: string;
}

/** The name under which a field is edited: bounds of one thing are edited together. */
export function editorId(name: string, field: Field): string {
  return field.kind === "time" || field.kind === "minor" ? field.pair : name;
}

export function chipsOf(
  filters: Readonly<Record<string, readonly string[]>>,
  fields: Readonly<Record<string, Field>>,
): Chip[] {
  const chips = new Map<string, Chip>();
  for (const [name, field] of Object.entries(fields)) {
    const values = filters[name];
    if (values === undefined || values.length === 0) continue;
    const id = editorId(name, field);
    const before = chips.get(id);
    const text = valueText(field, values);
    chips.set(id, {
      id,
      names: [...(before?.names ?? []), name],
      label: id === name ? field.label : pairLabel(field),
      text: before === undefined ? text : `${before.text} ${text}`,
    });
  }
  return [...chips.values()];
}

/** `Created from` and `Created to` are edited as `Created`. */
export function pairLabel(field: Field): string {
  return field.label.replace(/ (from|to|at least|at most)$/, "");
}

const SPANS: Record<string, string> = { m: "min", h: "h", d: "d" };

function valueText(field: Field, values: readonly string[]): string {
  const first = values[0] ?? "";
  switch (field.kind) {
    case "choice":
      return values
        .map((value) => field.choices.find((choice) => choice.value === value)?.label ?? value)
        .join(", ");
    case "time": {
      const back = /^-(\d+)([mhd])$/.exec(first);
      if (back !== null)
        return field.end === "from" ? `last ${back[1]} ${SPANS[back[2] ?? ""]}` : `until ${first}`;
      return `${field.end === "from" ? "from" : "to"} ${first.replace("T", " ").replace(/(:00)?(\.\d+)?Z$/, " UTC")}`;
    }
    case "minor":
      return `${field.end === "min" ? "≥" : "≤"} ${first} minor`;
    case "flag":
      return first === "true" ? "yes" : "no";
    case "text":
      return first;
  }
}
