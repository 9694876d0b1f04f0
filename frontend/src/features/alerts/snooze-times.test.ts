import { describe, expect, it } from "vitest";

import { morningIn, snoozeChoices } from "./snooze-times";

describe("until when an alert may sleep", () => {
  it.each([
    ["winter", "2026-11-24T22:30:00Z", "Europe/Berlin", "2026-11-25T08:00:00.000Z"],
    ["a zone that is a day ahead", "2026-11-24T22:30:00Z", "Asia/Tokyo", "2026-11-26T00:00:00.000Z"],
    ["over the start of summer time", "2026-03-28T12:00:00Z", "Europe/Berlin", "2026-03-29T07:00:00.000Z"],
    ["over the end of summer time", "2026-10-31T18:00:00Z", "America/New_York", "2026-11-01T14:00:00.000Z"],
    ["a zone of half hours", "2026-11-24T12:00:00Z", "Asia/Kolkata", "2026-11-25T03:30:00.000Z"],
  ])("tomorrow at nine is right in %s", (_, now, zone, expected) => {
    expect(morningIn(new Date(now), zone, 1).toISOString()).toBe(expected);
  });

  it("offers Monday of the week that comes", () => {
    const choices = snoozeChoices(new Date("2026-11-24T10:00:00Z"), "UTC");
    expect(choices.at(-1)?.until.toISOString()).toBe("2026-11-30T09:00:00.000Z");
  });

  it("offers Monday once on a Sunday", () => {
    const choices = snoozeChoices(new Date("2026-11-29T10:00:00Z"), "UTC");
    expect(choices.map((choice) => choice.label)).toEqual(["1 hour", "4 hours", "Tomorrow, 09:00"]);
  });
});
