/** Bytes as operators read them in a hex dump: sixteen a row, with the characters that print. */

export interface ByteRow {
  offset: string;
  hex: string;
  characters: string;
}

const ROW_BYTES = 16;

export function byteRows(bytes: Uint8Array, rowsMax: number): ByteRow[] {
  const rows: ByteRow[] = [];
  for (let start = 0; start < bytes.length && rows.length < rowsMax; start += ROW_BYTES) {
    const row = Array.from(bytes.subarray(start, start + ROW_BYTES));
    rows.push({
      offset: start.toString(16).padStart(6, "0"),
      hex: row.map((byte) => byte.toString(16).padStart(2, "0")).join(" "),
      characters: row.map((byte) => (byte >= 0x20 && byte < 0x7f ? String.fromCharCode(byte) : "·")).join(""),
    });
  }
  return rows;
}

export function bytesOfBase64(text: string): Uint8Array {
  return Uint8Array.from(atob(text), (character) => character.charCodeAt(0));
}

export function bytesOfText(text: string): Uint8Array {
  return new TextEncoder().encode(text);
}
