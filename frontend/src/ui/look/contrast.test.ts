import { readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";

/** The tokens of both themes, read from the stylesheet itself. */
function tokens(selector: string): Record<string, string> {
  const sheet = readFileSync("src/ui/look/tokens.css", "utf8");
  const blocks = [...sheet.matchAll(/([^{}]+)\{([^{}]*)\}/g)];
  const own = blocks.filter(([, head]) => head?.trim().endsWith(selector)).map(([, , body]) => body);
  const pairs = own.join("\n").matchAll(/(--pf-[\w-]+):\s*(#[0-9a-f]{6})\b/g);
  return Object.fromEntries([...pairs].map(([, name, value]) => [name, value]));
}

function luminance(hex: string): number {
  const channel = (at: number) => {
    const value = Number.parseInt(hex.slice(at, at + 2), 16) / 255;
    return value <= 0.04045 ? value / 12.92 : ((value + 0.055) / 1.055) ** 2.4;
  };
  return 0.2126 * channel(1) + 0.7152 * channel(3) + 0.0722 * channel(5);
}

function contrast(a: string, b: string): number {
  const [light, dark] = [luminance(a), luminance(b)].sort((x, y) => y - x) as [number, number];
  return (light + 0.05) / (dark + 0.05);
}

const GROUNDS = [
  "--pf-ground",
  "--pf-surface",
  "--pf-raised",
  "--pf-sunken",
  "--pf-hover",
  "--pf-accent-wash",
];
const INKS = [
  "--pf-ink",
  "--pf-ink-2",
  "--pf-ink-3",
  "--pf-accent-ink",
  "--pf-good",
  "--pf-info",
  "--pf-warn",
  "--pf-bad",
  "--pf-violet",
];
const WASHES = [
  ["--pf-good", "--pf-good-wash"],
  ["--pf-warn", "--pf-warn-wash"],
  ["--pf-bad", "--pf-bad-wash"],
  ["--pf-ink", "--pf-bad-wash"],
  ["--pf-on-accent", "--pf-accent"],
] as const;

describe.each([
  ["light", tokens(":root")],
  ["dark", tokens('[data-mantine-color-scheme="dark"]')],
])("in the %s theme", (_, theme) => {
  const value = (name: string) => theme[name] ?? expect.unreachable(`${name} is not a token`);

  it.each(GROUNDS.flatMap((ground) => INKS.map((ink) => [ink, ground] as const)))(
    "text in %s on %s reaches 4.5:1",
    (ink, ground) => {
      expect(contrast(value(ink), value(ground))).toBeGreaterThanOrEqual(4.5);
    },
  );

  it.each(WASHES)("text in %s on %s reaches 4.5:1", (ink, ground) => {
    expect(contrast(value(ink), value(ground))).toBeGreaterThanOrEqual(4.5);
  });

  it.each(["--pf-line-strong", "--pf-focus"])("the edge %s of a control reaches 3:1", (edge) => {
    for (const ground of ["--pf-ground", "--pf-surface"]) {
      expect(contrast(value(edge), value(ground))).toBeGreaterThanOrEqual(3);
    }
  });
});
