import { describe, expect, it, vi } from "vitest";
import { collect, csvField, csvOf } from "./csv";

const signal = () => new AbortController().signal;

describe("CSV", () => {
  it("quotes what has to be quoted and disarms what a spreadsheet would run", () => {
    expect(csvField("plain")).toBe("plain");
    expect(csvField('a "b", c')).toBe('"a ""b"", c"');
    expect(csvField("=HYPERLINK(1)")).toBe("'=HYPERLINK(1)");
    expect(csvField("+49 30")).toBe("'+49 30");
    expect(csvField("-12.50")).toBe("-12.50");
  });

  it("has the columns that are shown, in their order", () => {
    const column = (id: string, text: (row: { a: string }) => string) => ({
      id,
      label: id.toUpperCase(),
      text,
      cell: () => null,
      initial: true,
      rank: 1 as const,
    });
    expect(csvOf([{ a: "1" }], [column("x", (row) => row.a), column("y", () => "z")])).toBe("X,Y\r\n1,z\r\n");
  });

  it("walks every page and says when the cap cut it", async () => {
    const pages = [
      { items: Array.from({ length: 15_000 }, (_, i) => i), next_cursor: "2" },
      { items: Array.from({ length: 15_000 }, (_, i) => i), next_cursor: "3" },
    ];
    const fetchPage = vi.fn(async () => ({
      prev_cursor: null,
      count: null,
      ...(pages.shift() as (typeof pages)[0]),
    }));
    const result = await collect(fetchPage, () => undefined, signal());
    expect(result.rows).toHaveLength(20_000);
    expect(result.cut).toBe(true);
    expect(fetchPage.mock.calls).toEqual([[null], ["2"]]);
  });

  it("stops when it is told to", async () => {
    const controller = new AbortController();
    const endless = async () => ({ items: [1], next_cursor: "x", prev_cursor: null, count: null });
    const walk = collect(endless, (rows) => rows === 3 && controller.abort(), controller.signal);
    await expect(walk).rejects.toThrow();
  });
});
