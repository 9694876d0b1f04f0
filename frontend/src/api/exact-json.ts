/** A number whose digits a JavaScript number would change; it is kept as it was written. */
export class ExactNumber {
  readonly digits: string;

  constructor(digits: string) {
    this.digits = digits;
  }
}

export type ExactJson =
  | null
  | boolean
  | number
  | string
  | ExactNumber
  | ExactJson[]
  | { [key: string]: ExactJson };

const NUMBER = /-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][+-]?\d+)?/y;
// biome-ignore lint/suspicious/noControlCharactersInRegex: JSON forbids them in strings
const STRING = /"(?:[^"\\\u0000-\u001f]|\\.)*"/y;
const DEPTH_MAX = 200;

/** As `JSON.parse`, except that a number which would lose digits becomes an `ExactNumber`. */
export function parseExact(text: string): ExactJson {
  const reader = new Reader(text);
  const value = reader.value(0);
  reader.end();
  return value;
}

class Reader {
  private at = 0;
  private readonly text: string;

  constructor(text: string) {
    this.text = text;
  }

  value(depth: number): ExactJson {
    if (depth > DEPTH_MAX) throw new SyntaxError(`JSON deeper than ${DEPTH_MAX} levels`);
    this.space();
    const first = this.text[this.at];
    if (first === "{") return this.object(depth);
    if (first === "[") return this.array(depth);
    if (first === '"') return this.string();
    for (const [word, value] of [
      ["true", true],
      ["false", false],
      ["null", null],
    ] as const) {
      if (this.text.startsWith(word, this.at)) {
        this.at += word.length;
        return value;
      }
    }
    return this.number();
  }

  end(): void {
    this.space();
    if (this.at < this.text.length) this.fail();
  }

  private object(depth: number): ExactJson {
    const entries: [string, ExactJson][] = [];
    this.at += 1;
    if (this.ends("}")) return {};
    do {
      this.space();
      const key = this.string();
      if (!this.takes(":")) this.fail();
      entries.push([key, this.value(depth + 1)]);
    } while (this.takes(","));
    if (!this.ends("}")) this.fail();
    return Object.fromEntries(entries);
  }

  private array(depth: number): ExactJson {
    const items: ExactJson[] = [];
    this.at += 1;
    if (this.ends("]")) return items;
    do items.push(this.value(depth + 1));
    while (this.takes(","));
    if (!this.ends("]")) this.fail();
    return items;
  }

  private string(): string {
    return JSON.parse(this.match(STRING)) as string;
  }

  private number(): number | ExactNumber {
    const digits = this.match(NUMBER);
    const value = Number(digits);
    return String(value) === digits ? value : new ExactNumber(digits);
  }

  private match(pattern: RegExp): string {
    pattern.lastIndex = this.at;
    const found = pattern.exec(this.text)?.[0];
    if (found === undefined) return this.fail();
    this.at += found.length;
    return found;
  }

  private takes(mark: string): boolean {
    this.space();
    if (this.text[this.at] !== mark) return false;
    this.at += 1;
    return true;
  }

  private ends(mark: string): boolean {
    return this.takes(mark);
  }

  private space(): void {
    while (this.at < this.text.length && " \t\n\r".includes(this.text[this.at] ?? "")) this.at += 1;
  }

  private fail(): never {
    throw new SyntaxError(`Not JSON at character ${this.at + 1}`);
  }
}

/** Writes a value as JSON with its numbers unchanged. */
export function printExact(value: unknown, indent = "  ", at = ""): string {
  if (value instanceof ExactNumber) return value.digits;
  if (Array.isArray(value)) {
    if (value.length === 0) return "[]";
    const inner = at + indent;
    return `[\n${value.map((item) => inner + printExact(item, indent, inner)).join(",\n")}\n${at}]`;
  }
  if (typeof value === "object" && value !== null) {
    const entries = Object.entries(value).filter(([, each]) => each !== undefined);
    if (entries.length === 0) return "{}";
    const inner = at + indent;
    const lines = entries.map(
      ([key, each]) => `${inner}${JSON.stringify(key)}: ${printExact(each, indent, inner)}`,
    );
    return `{\n${lines.join(",\n")}\n${at}}`;
  }
  return JSON.stringify(value) ?? "null";
}
