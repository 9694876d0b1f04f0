import { screen, waitFor, within } from "@testing-library/react";
import { HttpResponse, http } from "msw";
import { describe, expect, it } from "vitest";
import type { Alert } from "@/api/types";
import { openConsole } from "@/test/console";
import { ME } from "@/test/examples";
import { API, answer, mockServer, page, problem, server } from "@/test/server";

mockServer();

function alert(alertId: string, more: Partial<Alert> = {}): Alert {
  return {
    alert_id: alertId,
    severity: "high",
    status: "open",
    title: `rule_${alertId}`,
    description: "",
    rule: null,
    payment_id: null,
    merchant_id: null,
    source: null,
    event_id: null,
    verdict: null,
    reason: null,
    correlation_id: null,
    assignee: null,
    snoozed_until: null,
    outcome: null,
    note: null,
    created_at: "2026-11-24T10:00:00.000Z",
    updated_at: "2026-11-24T10:00:00.000Z",
    resolved_at: null,
    version: 1,
    ...more,
  };
}

interface Given {
  what: string;
  match: string | null;
  body: unknown;
}

const STATUS: Record<string, Alert["status"]> = {
  acknowledge: "acknowledged",
  snooze: "snoozed",
  resolve: "resolved",
  reopen: "open",
};

/** An API that keeps alerts and triages them by version, as the real one does. */
function desk(...alerts: Alert[]): Given[] {
  const given: Given[] = [];
  const known = new Map(alerts.map((each) => [each.alert_id, each]));
  server.use(
    http.get(`${API}/alerts`, () => HttpResponse.json(page([...known.values()]))),
    http.post(`${API}/alerts/:id/:action`, async ({ params, request }) => {
      const { id, action } = params as { id: string; action: string };
      const before = known.get(id);
      const match = request.headers.get("If-Match");
      const text = await request.text();
      const body = text === "" ? null : JSON.parse(text);
      given.push({ what: `${action} ${id}`, match, body });
      if (before === undefined || match !== `"${before.version}"`) return problem(412, "precondition_failed");
      const after = { ...before, version: before.version + 1, status: STATUS[action] ?? before.status };
      if (action === "acknowledge") after.assignee ??= { user_id: ME.user_id, name: ME.name };
      known.set(id, after);
      return HttpResponse.json(after);
    }),
  );
  return given;
}

async function opened(given: Given[], role: "operator" | "read_only" = "operator") {
  const console_ = openConsole("/alerts?status=open&status=acknowledged", { role });
  await screen.findByRole("table", { name: "Alerts" });
  return { ...console_, said: () => given.map(({ what }) => what) };
}

describe("triage by keyboard", () => {
  it("acts on the row that j went to, as it was seen", async () => {
    const given = desk(alert("1"), alert("2", { version: 7 }));
    const { user } = await opened(given);
    await user.keyboard("jja");
    expect(await screen.findByText("rule_2 acknowledged")).toBeVisible();
    expect(given).toEqual([{ what: "acknowledge 2", match: '"7"', body: null }]);
  });

  it("is taken back by the toast, step by step on what the step before left", async () => {
    const given = desk(alert("1"));
    const { user } = await opened(given);
    await user.keyboard("ja");
    await user.click(await screen.findByRole("button", { name: "Undo" }));
    expect(await screen.findByText("1 alert as before")).toBeVisible();
    expect(given.slice(1)).toEqual([
      { what: "reopen 1", match: '"2"', body: {} },
      { what: "assign 1", match: '"3"', body: { assignee: null } },
    ]);
  });

  it("is taken back by the key u too", async () => {
    const given = desk(alert("1", { assignee: { user_id: ME.user_id, name: ME.name } }));
    const { user, said } = await opened(given);
    await user.keyboard("ja");
    await screen.findByText("rule_1 acknowledged");
    await user.keyboard("u");
    await waitFor(() => expect(said()).toEqual(["acknowledge 1", "reopen 1"]));
  });

  it("takes all selected rows at once", async () => {
    const given = desk(alert("1"), alert("2"), alert("3"));
    const { user, said } = await opened(given);
    await user.keyboard("jxjxm");
    expect(await screen.findByText("2 alerts assigned")).toBeVisible();
    expect(said().sort()).toEqual(["assign 1", "assign 2"]);
  });

  it("asks for a finding before it resolves", async () => {
    const given = desk(alert("1"));
    const { user } = await opened(given);
    await user.keyboard("je");
    const dialog = within(await screen.findByRole("dialog", { name: "Resolve rule_1" }));
    expect(dialog.getByRole("button", { name: "Resolve" })).toBeDisabled();
    await user.click(dialog.getByRole("radio", { name: "False positive" }));
    await user.type(dialog.getByRole("textbox", { name: /What was found/ }), "A test card");
    await user.click(dialog.getByRole("button", { name: "Resolve" }));
    await screen.findByText("rule_1 resolved");
    expect(given[0]?.body).toEqual({ outcome: "false_positive", note: "A test card" });
  });

  it("fires no key while the search box is typed in", async () => {
    const given = desk(alert("1"));
    const { user } = await opened(given);
    await user.keyboard("j");
    await user.click(screen.getByRole("combobox", { name: "Search and filter" }));
    await user.keyboard("aem");
    expect(given).toEqual([]);
    expect(screen.queryByRole("dialog")).toBeNull();
  });

  it("tells who may not, and sends nothing", async () => {
    const given = desk(alert("1"));
    const { user } = await opened(given, "read_only");
    await user.keyboard("ja");
    expect(await screen.findByText(/It takes the role Operator/)).toBeVisible();
    expect(given).toEqual([]);
  });

  it("tells that somebody else was faster, and why", async () => {
    const given = desk(alert("1"));
    const { user } = await opened(given);
    server.use(http.post(`${API}/alerts/1/acknowledge`, () => problem(412, "precondition_failed")));
    await user.keyboard("ja");
    expect(await screen.findByText("One alert is as it was")).toBeVisible();
    expect(screen.queryByRole("button", { name: "Undo" })).toBeNull();
  });
});

describe("the list of alerts", () => {
  it("shows what waits for somebody to whoever comes without a question", async () => {
    const asked = answer("/alerts", page([alert("1")]));
    const { place } = openConsole("/alerts");
    await screen.findByRole("table", { name: "Alerts" });
    expect(place.current).toBe("/alerts?status=open");
    expect(asked.at(-1)?.searchParams.getAll("status")).toEqual(["open"]);
  });
});
