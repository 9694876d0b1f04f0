import { absolute, absoluteWithMilliseconds, compact, relative, zoneLabel } from "./format";
import { useNow } from "./now";
import { useZone } from "./zone";

interface TimeProps {
  /** RFC 3339, as the API gives it. */
  at: string;
  /** compact: for tables; full: date and time with the zone; relative: `3 min ago`, exact on hover. */
  as?: "compact" | "full" | "milliseconds" | "relative";
}

/** A moment in the zone in force. Every form says the zone, at the latest on hover. */
export function Time({ at, as = "compact" }: TimeProps) {
  if (as === "relative") return <RelativeTime at={at} />;
  return <AbsoluteTime at={at} as={as} />;
}

function AbsoluteTime({ at, as }: { at: string; as: "compact" | "full" | "milliseconds" }) {
  const zone = useZone();
  const date = new Date(at);
  const text =
    as === "compact"
      ? compact(date, zone, new Date())
      : `${as === "full" ? absolute(date, zone) : absoluteWithMilliseconds(date, zone)} ${zoneLabel(zone, date)}`;
  return (
    <time dateTime={at} title={spelledOut(date, zone)} style={{ whiteSpace: "nowrap" }}>
      {text}
    </time>
  );
}

function RelativeTime({ at }: { at: string }) {
  const zone = useZone();
  const now = useNow();
  const date = new Date(at);
  return (
    <time dateTime={at} title={spelledOut(date, zone)} style={{ whiteSpace: "nowrap" }}>
      {relative(date, new Date(now))}
    </time>
  );
}

function spelledOut(date: Date, zone: string): string {
  const here = `${absoluteWithMilliseconds(date, zone)} ${zoneLabel(zone, date)} (${zone})`;
  return zone === "UTC" ? here : `${here}\n${absoluteWithMilliseconds(date, "UTC")} UTC`;
}
