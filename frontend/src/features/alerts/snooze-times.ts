import { absolute, momentOf } from "@/ui/time/format";

/** Until when an alert may sleep: a few choices that an operator makes by habit, in the operator's own zone. */
export interface SnoozeChoice {
  label: string;
  until: Date;
}

const HOUR_MS = 3_600_000;
const DAY_MS = 24 * HOUR_MS;

export function snoozeChoices(now: Date, zone: string): SnoozeChoice[] {
  const weekday = new Intl.DateTimeFormat("en", { timeZone: zone, weekday: "short" }).format(now);
  const daysToMonday = 7 - ["Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun"].indexOf(weekday);
  const choices = [
    { label: "1 hour", until: new Date(now.getTime() + HOUR_MS) },
    { label: "4 hours", until: new Date(now.getTime() + 4 * HOUR_MS) },
    { label: "Tomorrow, 09:00", until: morningIn(now, zone, 1) },
    { label: "Monday, 09:00", until: morningIn(now, zone, daysToMonday) },
  ];
  // On a Sunday the last two are one.
  return daysToMonday === 1 ? choices.slice(0, 3) : choices;
}

/** Nine o'clock in the zone, some days ahead of the day that it is there now. */
export function morningIn(now: Date, zone: string, daysAhead: number): Date {
  const today = Date.parse(`${absolute(now, zone).slice(0, 10)}T00:00:00Z`);
  const day = new Date(today + daysAhead * DAY_MS).toISOString().slice(0, 10);
  return momentOf(`${day}T09:00`, zone) ?? new Date(now.getTime() + daysAhead * DAY_MS);
}
