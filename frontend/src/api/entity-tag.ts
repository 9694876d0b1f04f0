/** An entity tag as `If-Match` wants it, whether the API told it with quotes, in a header, or without, in a body. */
export function ifMatch(tag: string | number): string {
  const text = String(tag);
  return text.startsWith('"') ? text : `"${text}"`;
}
