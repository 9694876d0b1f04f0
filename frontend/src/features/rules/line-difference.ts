/** What changed between two versions of a condition, line by line. */

export type Change = "same" | "added" | "removed";

export interface DifferenceLine {
  change: Change;
  text: string;
  /** Line numbers in the older and the newer text; null where the line isn't in it. */
  older: number | null;
  newer: number | null;
}

/** Compare by the longest common subsequence; a condition has 4 KiB at most, so the table stays small. */
export function lineDifference(older: string, newer: string): DifferenceLine[] {
  const before = older.split("\n");
  const after = newer.split("\n");
  const common = commonLengths(before, after);
  const lines: DifferenceLine[] = [];
  let left = 0;
  let right = 0;
  while (left < before.length || right < after.length) {
    const removed = before[left];
    const added = after[right];
    if (removed !== undefined && removed === added) {
      lines.push({ change: "same", text: removed, older: left + 1, newer: right + 1 });
      left += 1;
      right += 1;
    } else if (
      removed !== undefined &&
      (added === undefined || at(common, left + 1, right) >= at(common, left, right + 1))
    ) {
      lines.push({ change: "removed", text: removed, older: left + 1, newer: null });
      left += 1;
    } else if (added !== undefined) {
      lines.push({ change: "added", text: added, older: null, newer: right + 1 });
      right += 1;
    }
  }
  return lines;
}

function commonLengths(before: readonly string[], after: readonly string[]): number[][] {
  const table = Array.from({ length: before.length + 1 }, () => new Array<number>(after.length + 1).fill(0));
  for (let left = before.length - 1; left >= 0; left -= 1) {
    for (let right = after.length - 1; right >= 0; right -= 1) {
      const row = table[left];
      if (row === undefined) continue;
      row[right] =
        before[left] === after[right]
          ? at(table, left + 1, right + 1) + 1
          : Math.max(at(table, left + 1, right), at(table, left, right + 1));
    }
  }
  return table;
}

function at(table: readonly number[][], left: number, right: number): number {
  return table[left]?.[right] ?? 0;
}
