import { describe, expect, it } from "vitest";

import { refusalOf, type Standing, undoOf } from "./triage";

const OPEN: Standing = { status: "open", assignee: null, snoozed_until: null };
const ADA = { user_id: "7", name: "Ada" };

describe("what may be done with an alert", () => {
  it.each([
    ["acknowledge", "open", true],
    ["acknowledge", "snoozed", true],
    ["acknowledge", "acknowledged", false],
    ["snooze", "acknowledged", true],
    ["resolve", "open", true],
    ["resolve", "resolved", false],
    ["assign", "resolved", false],
    ["reopen", "resolved", true],
    ["reopen", "open", false],
  ] as const)("%s of one that is %s: %s", (action, status, allowed) => {
    expect(refusalOf(action, { status }) === null).toBe(allowed);
  });
});

describe("how it is taken back", () => {
  it("opens again what was open", () => {
    expect(undoOf("snooze", OPEN)).toEqual([{ action: "reopen" }]);
    expect(undoOf("resolve", OPEN)).toEqual([{ action: "reopen" }]);
  });

  it("gives back what acknowledging took from nobody", () => {
    expect(undoOf("acknowledge", OPEN)).toEqual([{ action: "reopen" }, { action: "assign", assignee: null }]);
    expect(undoOf("acknowledge", { ...OPEN, assignee: ADA })).toEqual([{ action: "reopen" }]);
  });

  it("lets it sleep as long as it would have", () => {
    const until = "2026-11-25T08:00:00.000Z";
    const before: Standing = { status: "snoozed", assignee: ADA, snoozed_until: until };
    expect(undoOf("acknowledge", before)).toEqual([{ action: "snooze", until }]);
  });

  it("reopens a resolved one before it is acknowledged again", () => {
    const before: Standing = { ...OPEN, status: "acknowledged", assignee: ADA };
    expect(undoOf("resolve", before)).toEqual([{ action: "reopen" }, { action: "acknowledge" }]);
  });

  it("gives it back to whom it belonged, or to nobody", () => {
    expect(undoOf("assign", { ...OPEN, assignee: ADA })).toEqual([{ action: "assign", assignee: "7" }]);
    expect(undoOf("assign", OPEN)).toEqual([{ action: "assign", assignee: null }]);
  });

  it("never gives an outcome again that somebody judged", () => {
    expect(undoOf("reopen", { ...OPEN, status: "resolved" })).toEqual([]);
  });
});
