import type { Field } from "./definition";
import { fieldFault } from "./url-state";

export type Typed = { filters: Record<string, string[]>; fault: null } | { filters: null; fault: string };

const TOKEN = /(?:([a-z_]+):)?(?:"([^"]*)"|(\S+))/g;

/**
 * Reads the search box: `status:captured currency:EUR "two words"`. A qualifier is a filter's name in the URL;
 * whatever has none goes to the list's words.
 */
export function readQualifiers(
  text: string,
  fields: Readonly<Record<string, Field>>,
  words: string | null,
): Typed {
  const filters: Record<string, string[]> = {};
  const loose: string[] = [];
  for (const match of text.matchAll(TOKEN)) {
    const [whole, name, quoted, bare] = match;
    const value = quoted ?? bare ?? "";
    const field = name === undefined ? undefined : fields[name];
    if (name === undefined || field === undefined) {
      loose.push(quoted ?? whole);
      continue;
    }
    for (const each of field.kind === "choice" && field.many ? value.split(",") : [value]) {
      const fault = fieldFault(field, each);
      if (fault !== null) return { filters: null, fault: `${name}: ${fault}` };
      filters[name] = [...(filters[name] ?? []), each];
    }
  }
  if (loose.length > 0) {
    if (words === null) {
      return {
        filters: null,
        fault: `“${loose[0]}” has no qualifier. Use ${Object.keys(fields).join(", ")}.`,
      };
    }
    filters[words] = [loose.join(" ")];
  }
  return { filters, fault: null };
}

export interface Suggestion {
  /** What the last word of the box becomes. */
  insert: string;
  label: string;
  /** True where the word is complete and the filter can be applied at once. */
  complete: boolean;
}

const SUGGESTIONS_MAX = 8;

/** What the last word of the box could become. */
export function suggest(text: string, fields: Readonly<Record<string, Field>>): Suggestion[] {
  const last = /\S*$/.exec(text)?.[0] ?? "";
  const colon = last.indexOf(":");
  if (colon === -1) {
    return Object.entries(fields)
      .filter(
        ([name, field]) =>
          last !== "" && (name.startsWith(last) || field.label.toLowerCase().startsWith(last)),
      )
      .map(([name, field]) => ({ insert: `${name}:`, label: field.label, complete: false }))
      .slice(0, SUGGESTIONS_MAX);
  }
  const name = last.slice(0, colon);
  const field = fields[name];
  const begun = last.slice(colon + 1).toLowerCase();
  return valuesOf(field)
    .filter((choice) => choice.value.toLowerCase().startsWith(begun))
    .map((choice) => ({ insert: `${name}:${choice.value}`, label: choice.label, complete: true }))
    .slice(0, SUGGESTIONS_MAX);
}

function valuesOf(field: Field | undefined): readonly { value: string; label: string }[] {
  if (field?.kind === "choice") return field.choices;
  if (field?.kind === "flag")
    return [
      { value: "true", label: "yes" },
      { value: "false", label: "no" },
    ];
  if (field?.kind === "time" && field.end === "from") {
    return [
      { value: "-15m", label: "last 15 minutes" },
      { value: "-1h", label: "last hour" },
      { value: "-24h", label: "last 24 hours" },
      { value: "-7d", label: "last 7 days" },
    ];
  }
  return [];
}
