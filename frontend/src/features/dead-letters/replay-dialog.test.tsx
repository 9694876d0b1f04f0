import { screen, waitFor, within } from "@testing-library/react";
import { HttpResponse, http } from "msw";
import { describe, expect, it } from "vitest";
import { openConsole } from "@/test/console";
import { API, answer, mockServer, page, problem, server } from "@/test/server";

mockServer();

const REHEARSED = {
  dry_run: true,
  letters: 17,
  counts: { apply: 12, duplicate: 5 },
  moved: [
    { currency: "EUR", exponent: 2, sum: "captured_minor", change_minor: 123456 },
    { currency: "JPY", exponent: 0, sum: "refunded_minor", change_minor: -500 },
  ],
  parked_freed: { apply: 2 },
  sample: [],
  replay: null,
};

const RUNNING = {
  replay_id: "5",
  state: "running",
  sent: 3,
  failed: 1,
  failures: { "12": "too large" },
  error: null,
  limit: 1000,
  note: "",
  rate_per_s: 20,
  requested_at: "2026-11-24T10:00:00.000Z",
  requested_by: "user:ada@example.com",
  finished_at: null,
};

/** An API that rehearses and replays; it keeps what it was asked. */
function replays(rehearsed: Response | object = REHEARSED): Record<string, unknown>[] {
  const given: Record<string, unknown>[] = [];
  server.use(
    http.post(`${API}/dead-letters/replay`, async ({ request }) => {
      const body = (await request.json()) as Record<string, unknown>;
      given.push(body);
      if (!body.dry_run)
        return HttpResponse.json({ ...REHEARSED, dry_run: false, replay: RUNNING }, { status: 202 });
      return rehearsed instanceof Response ? rehearsed : HttpResponse.json(rehearsed);
    }),
  );
  return given;
}

async function opened(replays: object[] = []) {
  answer("/dead-letters", page([]));
  answer("/dead-letters/groups", { total: 0, groups: [] });
  answer("/dead-letters/replays", { items: replays });
  const { user } = openConsole("/dead-letters?class=malformed");
  await user.click(await screen.findByRole("button", { name: "Replay what is filtered" }));
  const dialog = within(await screen.findByRole("dialog", { name: "Replay dead letters" }));
  return { user, dialog };
}

describe("replaying dead letters", () => {
  it("rehearses first, and tells verdicts and money by currency before anything is sent", async () => {
    const given = replays();
    const { dialog } = await opened();
    const money = within(await dialog.findByRole("table", { name: "Money that would move" }));
    const rows = money.getAllByRole("row").map((row) => row.textContent);
    expect(rows).toEqual(["Sum of paymentsChange", "captured+1,234.56EUR", "refunded−500JPY"]);
    const verdicts = within(dialog.getByRole("list", { name: "What would become of them" }));
    expect(verdicts.getAllByRole("listitem").map((item) => item.textContent)).toEqual([
      "12 Applied",
      "5 Duplicate",
    ]);
    expect(given).toEqual([{ filter: { class: "malformed" }, dry_run: true }]);
  });

  it("orders what was rehearsed, at the rate and with the reason", async () => {
    const given = replays();
    const { user, dialog } = await opened();
    const rate = await dialog.findByRole("textbox", { name: "Letters a second" });
    await user.clear(rate);
    await user.type(rate, "20");
    await user.type(dialog.getByRole("textbox", { name: /Why/ }), "sender mended");
    await user.click(dialog.getByRole("button", { name: "Replay 17 letters" }));
    expect(await screen.findByText(/The replay is under way/)).toBeVisible();
    expect(given[1]).toEqual({
      filter: { class: "malformed" },
      dry_run: false,
      rate_per_s: 20,
      note: "sender mended",
    });
  });

  it("shows one that is under way, what it could not send, and stops it", async () => {
    const stopped: string[] = [];
    server.use(
      http.post(`${API}/dead-letters/replays/:id/stop`, ({ params }) => {
        stopped.push(String(params.id));
        return HttpResponse.json({ ...RUNNING, state: "stopping" });
      }),
    );
    replays();
    const { user, dialog } = await opened([RUNNING]);
    await user.click(await dialog.findByRole("button", { name: "Cancel" }));
    const row = within(await screen.findByRole("region", { name: "Replay 5" }));
    expect(row.getByText("3 sent, 1 not sent, at most 20/s")).toBeVisible();
    expect(row.getByText("12: too large")).toBeVisible();
    await user.click(row.getByRole("button", { name: "Stop" }));
    await waitFor(() => expect(stopped).toEqual(["5"]));
  });

  it.each(["0", "1.5", "many", "100000"])("refuses %s as a rate", async (typed) => {
    const given = replays();
    const { user, dialog } = await opened();
    const rate = await dialog.findByRole("textbox", { name: "Letters a second" });
    await user.clear(rate);
    await user.type(rate, typed);
    expect(dialog.getByRole("button", { name: "Replay 17 letters" })).toBeDisabled();
    expect(given).toHaveLength(1);
  });

  it("has nothing to confirm where no letter is left", async () => {
    replays({ ...REHEARSED, letters: 0, counts: {}, moved: [] });
    const { dialog } = await opened();
    expect(await dialog.findByText("No letter is left.")).toBeVisible();
    expect(dialog.getByRole("button", { name: "Replay" })).toBeDisabled();
  });

  it("tells why the rehearsal failed, and stays unconfirmed", async () => {
    replays(problem(503, "store_unavailable"));
    const { dialog } = await opened();
    expect(await dialog.findByText("Detail of store_unavailable.")).toBeVisible();
    await waitFor(() => expect(dialog.getByRole("button", { name: "Replay" })).toBeDisabled());
  });
});
