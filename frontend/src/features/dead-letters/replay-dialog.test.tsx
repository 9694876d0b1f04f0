import { screen, waitFor, within } from "@testing-library/react";
import { HttpResponse, http } from "msw";
import { describe, expect, it } from "vitest";
import { openConsole } from "@/test/console";
import { API, answer, mockServer, page, problem, server } from "@/test/server";

mockServer();

const REHEARSED = {
  dry_run: true,
  verdicts: { apply: 12, duplicate: 5 },
  moved: [
    { currency: "EUR", exponent: 2, sum: "captured_minor", change_minor: 123456 },
    { currency: "JPY", exponent: 0, sum: "refunded_minor", change_minor: -500 },
  ],
  parked_freed: { apply: 2 },
  letters: [],
  sent: 0,
  failed: [],
};

/** An API that rehearses and replays; it keeps what it was asked. */
function replays(rehearsed: Response | object = REHEARSED): Record<string, unknown>[] {
  const given: Record<string, unknown>[] = [];
  server.use(
    http.post(`${API}/dead-letters/replay`, async ({ request }) => {
      const body = (await request.json()) as Record<string, unknown>;
      given.push(body);
      if (!body.dry_run)
        return HttpResponse.json({
          ...REHEARSED,
          dry_run: false,
          sent: 16,
          failed: [{ dead_letter_id: "3", reason: "too large" }],
        });
      return rehearsed instanceof Response ? rehearsed : HttpResponse.json(rehearsed);
    }),
  );
  return given;
}

async function opened() {
  answer("/dead-letters", page([]));
  answer("/dead-letters/groups", { total: 0, total_groups: 0, groups: [] });
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

  it("sends what was rehearsed at the rate, and tells what the queue did not take", async () => {
    const given = replays();
    const { user, dialog } = await opened();
    const rate = await dialog.findByRole("textbox", { name: "Letters a second" });
    await user.clear(rate);
    await user.type(rate, "20");
    await user.type(dialog.getByRole("textbox", { name: /Why/ }), "sender mended");
    await user.click(dialog.getByRole("button", { name: "Replay 17 letters" }));
    expect(await screen.findByText("16 letters sent to the queue again.")).toBeVisible();
    expect(await screen.findByText("1 letter not sent")).toBeVisible();
    expect(given[1]).toEqual({
      filter: { class: "malformed" },
      dry_run: false,
      rate_per_s: 20,
      note: "sender mended",
    });
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
    replays({ ...REHEARSED, verdicts: {}, moved: [] });
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
