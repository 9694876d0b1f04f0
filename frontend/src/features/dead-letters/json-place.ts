/**
 * Where a JSON path lies in a text that may be no JSON at all.
 *
 * Dead letters are mostly texts that broke a rule, so the scanner reads as far as the text makes sense and answers
 * with the deepest part of the path that it found.
 */

export interface Place {
  /** First character of the value and the one behind it. */
  start: number;
  end: number;
  /** Whether the whole path was there, or only what encloses it. */
  exact: boolean;
}

type Step = string | number;

const ENVELOPES: readonly string[] = ["data", "detail"];

export function stepsOf(path: string): Step[] {
  const steps: Step[] = [];
  for (const [, field, index] of path.matchAll(/\.([^.[\]]+)|\[(\d+)\]/g)) {
    if (field !== undefined) steps.push(field);
    else if (index !== undefined) steps.push(Number(index));
  }
  return steps;
}

/** Find `path`, such as `$.amount.value`, in the body itself or in the envelope that wraps it. */
export function placeOf(text: string, path: string): Place | null {
  const steps = stepsOf(path);
  if (steps.length === 0) return null;
  const direct = find(text, steps);
  if (direct?.exact) return direct;
  for (const envelope of ENVELOPES) {
    const wrapped = find(text, [envelope, ...steps]);
    if (wrapped?.exact) return wrapped;
  }
  return direct;
}

function find(text: string, steps: readonly Step[]): Place | null {
  let at = skipSpace(text, 0);
  let found: Place | null = null;
  for (const step of steps) {
    const child = typeof step === "number" ? element(text, at, step) : member(text, at, step);
    if (child === null) return found && { ...found, exact: false };
    at = child;
    found = { start: at, end: endOfValue(text, at), exact: true };
  }
  return found;
}

/** Give where the value of `name` starts in the object at `at`; the last one counts, as for JSON readers. */
function member(text: string, at: number, name: string): number | null {
  if (text[at] !== "{") return null;
  let found: number | null = null;
  let next = skipSpace(text, at + 1);
  while (text[next] === '"') {
    const keyEnd = endOfString(text, next);
    const key = unquoted(text.slice(next, keyEnd));
    const colon = skipSpace(text, keyEnd);
    if (text[colon] !== ":") break;
    const value = skipSpace(text, colon + 1);
    if (key === name) found = value;
    next = afterComma(text, endOfValue(text, value));
  }
  return found;
}

function element(text: string, at: number, index: number): number | null {
  if (text[at] !== "[") return null;
  let next = skipSpace(text, at + 1);
  for (let passed = 0; next < text.length && text[next] !== "]"; passed += 1) {
    if (passed === index) return next;
    next = afterComma(text, endOfValue(text, next));
  }
  return null;
}

function afterComma(text: string, at: number): number {
  const next = skipSpace(text, at);
  return text[next] === "," ? skipSpace(text, next + 1) : next;
}

function endOfValue(text: string, at: number): number {
  const first = text[at];
  if (first === '"') return endOfString(text, at);
  if (first !== "{" && first !== "[") {
    let end = at;
    while (end < text.length && !",]} \n\r\t".includes(text[end] ?? " ")) end += 1;
    return Math.max(end, at + 1);
  }
  let depth = 0;
  for (let next = at; next < text.length; next += 1) {
    const character = text[next];
    if (character === '"') next = endOfString(text, next) - 1;
    else if (character === "{" || character === "[") depth += 1;
    else if (character === "}" || character === "]") {
      depth -= 1;
      if (depth === 0) return next + 1;
    }
  }
  return text.length;
}

function endOfString(text: string, at: number): number {
  for (let next = at + 1; next < text.length; next += 1) {
    if (text[next] === "\\") next += 1;
    else if (text[next] === '"') return next + 1;
  }
  return text.length;
}

function unquoted(quoted: string): string {
  try {
    return JSON.parse(quoted) as string;
  } catch {
    return quoted.slice(1, -1);
  }
}

function skipSpace(text: string, at: number): number {
  let next = at;
  while (next < text.length && " \n\r\t".includes(text[next] ?? "")) next += 1;
  return next;
}
