const formats = new Map<string, Intl.DateTimeFormat>();

function format(zone: string, key: string, options: Intl.DateTimeFormatOptions): Intl.DateTimeFormat {
  const name = `${zone}|${key}`;
  const known = formats.get(name);
  if (known !== undefined) return known;
  const made = new Intl.DateTimeFormat("en-GB", { timeZone: zone, hourCycle: "h23", ...options });
  formats.set(name, made);
  return made;
}

interface Fields {
  year: string;
  month: string;
  day: string;
  hour: string;
  minute: string;
  second: string;
}

function fields(at: Date, zone: string): Fields {
  const parts = format(zone, "fields", {
    year: "numeric",
    month: "2-digit",
    day: "2-digit",
    hour: "2-digit",
    minute: "2-digit",
    second: "2-digit",
  }).formatToParts(at);
  const found = Object.fromEntries(parts.map((part) => [part.type, part.value]));
  return found as unknown as Fields;
}

/** `2026-11-24 10:00:00`, in the zone. */
export function absolute(at: Date, zone: string): string {
  const f = fields(at, zone);
  return `${f.year}-${f.month}-${f.day} ${f.hour}:${f.minute}:${f.second}`;
}

/** `2026-11-24 10:00:00.123`, in the zone. */
export function absoluteWithMilliseconds(at: Date, zone: string): string {
  return `${absolute(at, zone)}.${at.getUTCMilliseconds().toString().padStart(3, "0")}`;
}

/** `10:00:00` on the zone's today, `24 Nov 10:00` in its year, `2025-11-24 10:00` before. */
export function compact(at: Date, zone: string, now: Date): string {
  const f = fields(at, zone);
  const n = fields(now, zone);
  if (f.year === n.year && f.month === n.month && f.day === n.day) return `${f.hour}:${f.minute}:${f.second}`;
  if (f.year !== n.year) return `${f.year}-${f.month}-${f.day} ${f.hour}:${f.minute}`;
  const month = format(zone, "month", { month: "short" }).format(at);
  return `${Number(f.day)} ${month} ${f.hour}:${f.minute}`;
}

/** `CET`, `GMT+5:30`, `UTC`: the zone's short name at that moment. */
export function zoneLabel(zone: string, at: Date = new Date()): string {
  if (zone === "UTC") return "UTC";
  const parts = format(zone, "name", { timeZoneName: "short" }).formatToParts(at);
  return parts.find((part) => part.type === "timeZoneName")?.value ?? zone;
}

/** `12 s ago`, `in 4 min`. */
export function relative(at: Date, now: Date): string {
  const seconds = Math.round((now.getTime() - at.getTime()) / 1000);
  if (Math.abs(seconds) < 2) return "now";
  const span = duration(Math.abs(seconds));
  return seconds >= 0 ? `${span} ago` : `in ${span}`;
}

/** A span in its largest whole unit: `45 s`, `3 min`, `5 h`, `2 d`. */
export function duration(seconds: number): string {
  if (seconds < 60) return `${Math.floor(seconds)} s`;
  if (seconds < 3600) return `${Math.floor(seconds / 60)} min`;
  if (seconds < 48 * 3600) return `${Math.floor(seconds / 3600)} h`;
  return `${Math.floor(seconds / 86400)} d`;
}

/** How far the zone is ahead of UTC at a moment, in milliseconds. */
export function offsetMs(at: Date, zone: string): number {
  const f = fields(at, zone);
  const asUtc = Date.UTC(+f.year, +f.month - 1, +f.day, +f.hour, +f.minute, +f.second);
  return asUtc - Math.floor(at.getTime() / 1000) * 1000;
}

/**
 * A wall-clock time of a zone (`2026-11-24T10:00`, as a datetime-local input gives it) as a moment. An hour that a
 * clock change skips becomes the moment after it; one that comes twice, its first.
 */
export function momentOf(local: string, zone: string): Date | null {
  const match = /^(\d{4})-(\d\d)-(\d\d)(?:[T ](\d\d):(\d\d)(?::(\d\d))?)?$/.exec(local.trim());
  if (match === null) return null;
  const [, y, mo, d, h = "0", mi = "0", s = "0"] = match;
  const wall = Date.UTC(Number(y), Number(mo) - 1, Number(d), Number(h), Number(mi), Number(s));
  if (Number.isNaN(wall)) return null;
  const before = wall - offsetMs(new Date(wall - 86_400_000), zone);
  const after = wall - offsetMs(new Date(wall + 86_400_000), zone);
  const fits = (moment: number) => moment + offsetMs(new Date(moment), zone) === wall;
  if (fits(before) && fits(after)) return new Date(Math.min(before, after));
  if (fits(after)) return new Date(after);
  return new Date(before);
}

/** What a datetime-local input shows for a moment of a zone. */
export function localInput(at: Date, zone: string): string {
  return absolute(at, zone).slice(0, 16).replace(" ", "T");
}
