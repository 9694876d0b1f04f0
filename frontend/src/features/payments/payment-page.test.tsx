import { screen, waitFor, within } from "@testing-library/react";
import { HttpResponse, http } from "msw";
import { describe, expect, it } from "vitest";
import { openConsole } from "@/test/console";
import { delivery, detail, payment } from "@/test/examples";
import { API, answer, mockServer, refuse, server } from "@/test/server";
import { readMetadata } from "./metadata";
import { placed } from "./operations";
import { shares } from "./sums";

mockServer();

describe("a payment's page", () => {
  it("tells what became of each delivery and why", async () => {
    const timeline = [
      delivery("3", {
        verdict: "conflict",
        reason: "operation_amount_differs",
        to_status: "captured",
        from_status: "captured",
      }),
      delivery("2", { verdict: "duplicate", reason: "event_seen" }),
      delivery("1"),
    ];
    answer("/transactions/p1", detail("p1", { timeline }), { ETag: '"3"' });
    const { user } = openConsole("/payments/p1");
    expect(await screen.findByText("The operation is known with another amount.")).toBeVisible();
    expect(screen.getByText("The same event with the same content had been handled before.")).toBeVisible();
    await user.click(screen.getByRole("radio", { name: "Without repetitions" }));
    expect(screen.queryByText("The same event with the same content had been handled before.")).toBeNull();
  });

  it("shows the numbers of a delivery exactly as the provider wrote them", async () => {
    const text = JSON.stringify(
      detail("p1", { timeline: [delivery("1", { payload: "HERE" as never })] }),
    ).replace('"HERE"', '{"id": 12345678901234567890, "rate": 1.50}');
    server.use(
      http.get(`${API}/transactions/p1`, () => new HttpResponse(text, { headers: { ETag: '"3"' } })),
    );
    const { user } = openConsole("/payments/p1");
    await user.click(await screen.findByRole("button", { name: "capture.succeeded" }));
    const shown = await screen.findByRole("region", { name: "what was delivered" });
    expect(shown).toHaveTextContent('{ "id": 12345678901234567890, "rate": 1.50 }');
  });

  it("writes its times in the user's zone, and in UTC on a key", async () => {
    answer("/transactions/p1", detail("p1"), { ETag: '"3"' });
    const { user } = openConsole("/payments/p1");
    expect(await screen.findByText("2026-11-24 11:00:00 CET")).toBeVisible();
    await user.keyboard("u");
    expect(await screen.findByText("2026-11-24 10:00:00 UTC")).toBeVisible();
    await user.keyboard("u");
    expect(await screen.findByText("2026-11-24 11:00:00 CET")).toBeVisible();
  });

  it("archives, and undoes it from the toast", async () => {
    const seen: string[] = [];
    const archive = (path: string, archived: boolean, etag: string) =>
      http.post(`${API}/transactions/p1/${path}`, ({ request }) => {
        seen.push(`${path} ${request.headers.get("If-Match")}`);
        return HttpResponse.json(payment("p1", { archived }), { headers: { ETag: etag } });
      });
    answer("/transactions/p1", detail("p1"), { ETag: '"3"' });
    server.use(archive("archive", true, '"4"'), archive("unarchive", false, '"5"'));
    const { user } = openConsole("/payments/p1");
    await user.click(await screen.findByRole("button", { name: "Archive" }));
    await user.click(await screen.findByRole("button", { name: "Undo" }));
    await waitFor(() => expect(seen).toEqual(['archive "3"', 'unarchive "4"']));
  });

  it("says when there is no such payment", async () => {
    refuse("/transactions/p1", 404, "not_found");
    openConsole("/payments/p1");
    expect(await screen.findByRole("heading", { name: "Not found" })).toBeVisible();
  });

  it("links to what hangs on it", async () => {
    const alerts = [
      {
        alert_id: "9",
        severity: "critical" as const,
        status: "open" as const,
        title: "Told twice",
        payment_id: "p1",
        event_id: null,
        created_at: "2026-11-24T10:00:00Z",
      },
    ];
    answer("/transactions/p1", detail("p1", { alerts }), { ETag: '"3"' });
    openConsole("/payments/p1");
    expect(await screen.findByRole("link", { name: "Told twice" })).toHaveAttribute("href", "/alerts/9");
    expect(within(screen.getByRole("main")).queryByRole("heading", { name: "Dead letters" })).toBeNull();
  });
});

describe("where the money is", () => {
  it("adds up to what is authorized, with holds told apart from what moved", () => {
    const { sums } = payment("p1");
    const parts = shares({
      ...sums,
      authorized_minor: 1000,
      captured_minor: 600,
      refunded_minor: 100,
      refund_pending_minor: 50,
      disputed_minor: 30,
      capture_pending_minor: 120,
      capturable_minor: 80,
      released_minor: 200,
    });
    expect(parts.reduce((sum, part) => sum + part.minor, 0n)).toBe(1000n);
    expect(parts.filter((part) => part.pending).map((part) => part.id)).toEqual([
      "refund_pending",
      "capture_pending",
    ]);
  });
});

describe("operations", () => {
  const operation = (id: string, parent: string | null) =>
    ({ source: "s", kind: "refund", operation_id: id, parent_id: parent }) as never;

  it("stand below their parents, however deep, and none is lost in a circle", () => {
    const rows = placed([
      operation("c", "b"),
      operation("a", null),
      operation("b", "a"),
      operation("x", "y"),
      operation("y", "x"),
      operation("z", "unknown"),
    ]);
    expect(rows.map((row) => `${row.depth}${row.operation.operation_id}`)).toEqual([
      "0a",
      "1b",
      "2c",
      "0z",
      "0x",
      "0y",
    ]);
  });
});

describe("metadata", () => {
  it.each([
    ['{"order": "A-17", "paid": true, "count": 3}', { value: { order: "A-17", paid: true, count: 3 } }],
    ["[1]", { fault: expect.stringContaining("one object") }],
    ['{"a": {"b": 1}}', { fault: expect.stringContaining("“a” has to be") }],
    ['{"a": 12345678901234567890}', { fault: expect.stringContaining("as a string") }],
    ["{", { fault: expect.stringContaining("Not JSON") }],
  ])("reads %s", (text, result) => {
    expect(readMetadata(text)).toEqual(result);
  });
});
