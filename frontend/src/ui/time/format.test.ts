import { describe, expect, it } from "vitest";
import {
  absolute,
  absoluteWithMilliseconds,
  compact,
  duration,
  localInput,
  momentOf,
  relative,
  zoneLabel,
} from "./format";

const at = new Date("2026-11-24T23:30:05.042Z");

describe("absolute times", () => {
  it("are written in the zone that is asked for", () => {
    expect(absolute(at, "UTC")).toBe("2026-11-24 23:30:05");
    expect(absolute(at, "Europe/Berlin")).toBe("2026-11-25 00:30:05");
    expect(absolute(at, "Asia/Kolkata")).toBe("2026-11-25 05:00:05");
    expect(absoluteWithMilliseconds(at, "UTC")).toBe("2026-11-24 23:30:05.042");
    expect(zoneLabel("UTC", at)).toBe("UTC");
    expect(zoneLabel("Europe/Berlin", at)).toBe("CET");
  });

  it("are short on the same day and name the day otherwise", () => {
    const now = new Date("2026-11-25T08:00:00Z");
    expect(compact(at, "Europe/Berlin", now)).toBe("00:30:05");
    expect(compact(at, "UTC", now)).toBe("24 Nov 23:30");
    expect(compact(new Date("2025-01-02T03:04:00Z"), "UTC", now)).toBe("2025-01-02 03:04");
  });
});

describe("wall-clock times of a zone", () => {
  it.each([
    ["2026-07-01T12:00", "Europe/Berlin", "2026-07-01T10:00:00.000Z"],
    ["2026-12-01T12:00", "Europe/Berlin", "2026-12-01T11:00:00.000Z"],
    ["2026-12-01T12:00:30", "UTC", "2026-12-01T12:00:30.000Z"],
    ["2026-12-01T12:00", "Asia/Kathmandu", "2026-12-01T06:15:00.000Z"],
    // 02:30 did not exist on this night; the clock went from 02:00 to 03:00.
    ["2026-03-29T02:30", "Europe/Berlin", "2026-03-29T01:30:00.000Z"],
    // 02:30 came twice; the first one is meant.
    ["2026-10-25T02:30", "Europe/Berlin", "2026-10-25T00:30:00.000Z"],
    ["2026-03-08T03:00", "America/New_York", "2026-03-08T07:00:00.000Z"],
  ])("%s in %s is %s", (local, zone, moment) => {
    expect(momentOf(local, zone)?.toISOString()).toBe(moment);
  });

  it("come back as they were typed", () => {
    for (const zone of ["UTC", "Europe/Berlin", "America/St_Johns", "Pacific/Auckland"]) {
      const moment = momentOf("2026-05-17T08:15", zone);
      expect(moment && localInput(moment, zone)).toBe("2026-05-17T08:15");
    }
  });

  it("are null where nothing can be read", () => {
    expect(momentOf("tomorrow", "UTC")).toBeNull();
  });
});

it("relative times say which side of now they are on", () => {
  const now = new Date("2026-11-24T23:31:05Z");
  expect(relative(at, now)).toBe("1 min ago");
  expect(relative(now, at)).toBe("in 1 min");
  expect(relative(now, now)).toBe("now");
  expect(duration(172_800)).toBe("2 d");
  expect(duration(7_300)).toBe("2 h");
});
