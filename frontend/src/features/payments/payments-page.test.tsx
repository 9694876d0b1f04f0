import { screen, waitFor, within } from "@testing-library/react";
import { HttpResponse, http } from "msw";
import { describe, expect, it } from "vitest";
import { openConsole } from "@/test/console";
import { detail, ME, payment } from "@/test/examples";
import { API, answer, mockServer, page, problem, refuse, server } from "@/test/server";

mockServer();

const table = () => screen.findByRole("table", { name: "Payments" });

describe("the payments list", () => {
  it("shows exact amounts by the exponent of each currency", async () => {
    answer(
      "/transactions",
      page([
        payment("p_eur", { amount_minor: Number.MAX_SAFE_INTEGER }),
        payment("p_jpy", { currency: "JPY", exponent: 0, amount_minor: 1234567 }),
        payment("p_kwd", { currency: "KWD", exponent: 3, amount_minor: 1234567 }),
      ]),
    );
    openConsole("/payments");
    const rows = within(await table());
    expect(within(rows.getByRole("row", { name: /p_eur/ })).getByText("90,071,992,547,409.91")).toBeVisible();
    expect(within(rows.getByRole("row", { name: /p_jpy/ })).getByText("1,234,567")).toBeVisible();
    expect(within(rows.getByRole("row", { name: /p_kwd/ })).getByText("1,234.567")).toBeVisible();
  });

  it("asks for what the URL says", async () => {
    const asked = answer("/transactions", page([payment("p1")]));
    openConsole(
      "/payments?status=captured&status=failed&currency=EUR&amount_min_minor=100&sort=amount_minor&limit=25",
    );
    await table();
    expect(asked[0]?.searchParams.getAll("status")).toEqual(["captured", "failed"]);
    expect(asked[0]?.searchParams.get("currency")).toBe("EUR");
    expect(asked[0]?.searchParams.get("amount_min_minor")).toBe("100");
    expect(asked[0]?.searchParams.get("sort")).toBe("amount_minor");
    expect(asked[0]?.searchParams.get("limit")).toBe("25");
  });

  it("takes filters from the search box into the URL, and out again by their chips", async () => {
    answer("/transactions", page([payment("p1")]));
    const { user, place } = openConsole("/payments");
    await table();
    await user.keyboard("/");
    await user.keyboard("status:captured pay_12{Enter}");
    await waitFor(() => expect(place.current).toBe("/payments?text=pay_12&status=captured"));
    await user.click(screen.getByRole("button", { name: "Remove the filter Status" }));
    await waitFor(() => expect(place.current).toBe("/payments?text=pay_12"));
  });

  it("says under the box what is wrong with a filter", async () => {
    answer("/transactions", page([payment("p1")]));
    const { user, place } = openConsole("/payments");
    await table();
    await user.type(screen.getByRole("combobox", { name: "Search and filter" }), "status:lost{Enter}");
    expect(await screen.findByText(/“lost” is none of created/)).toBeVisible();
    expect(place.current).toBe("/payments");
  });

  it("turns pages by cursor and starts again when a filter changes", async () => {
    answer("/transactions", page([payment("p1")], { next_cursor: "c2" }));
    const { user, place } = openConsole("/payments");
    await table();
    await user.keyboard("]");
    await waitFor(() => expect(place.current).toBe("/payments?cursor=c2"));
    await user.click(screen.getByRole("button", { name: /amount/i }));
    await waitFor(() => expect(place.current).toBe("/payments?sort=-amount_minor"));
  });

  it("opens a row beside the list by keyboard, and closes it back to that row", async () => {
    answer("/transactions", page([payment("p1"), payment("p2")]));
    answer("/transactions/p2", detail("p2"), { ETag: '"3"' });
    const { user, place } = openConsole("/payments");
    await table();
    await user.keyboard("jj{Enter}");
    await waitFor(() => expect(place.current).toBe("/payments?open=p2"));
    expect(await screen.findByRole("heading", { name: "Money" })).toBeVisible();
    await user.keyboard("{Escape}");
    await waitFor(() => expect(place.current).toBe("/payments"));
    await waitFor(() => expect(screen.getByRole("button", { name: "p2" })).toHaveFocus());
  });

  it("keeps the columns that a user chooses", async () => {
    answer("/transactions", page([payment("p1")]));
    const saved: unknown[] = [];
    server.use(
      http.patch(`${API}/users/me/preferences`, async ({ request }) => {
        const body = (await request.json()) as { columns: Record<string, string[]> };
        saved.push(body);
        return HttpResponse.json({ ...ME, preferences: { ...ME.preferences, columns: body.columns } });
      }),
    );
    const { user } = openConsole("/payments");
    expect(within(await table()).queryByRole("columnheader", { name: "Source" })).toBeNull();
    await user.click(screen.getByRole("button", { name: "Columns" }));
    await user.click(await screen.findByRole("checkbox", { name: "Source" }));
    expect(within(await table()).getByRole("columnheader", { name: "Source" })).toBeVisible();
    expect(saved).toHaveLength(1);
  });

  it("tells nothing at all from nothing that matches", async () => {
    answer("/transactions", page([]));
    const { user, place } = openConsole("/payments?status=failed");
    expect(await screen.findByRole("heading", { name: "Nothing matches" })).toBeVisible();
    await user.click(screen.getByRole("button", { name: "Clear the filters" }));
    expect(await screen.findByRole("heading", { name: "No payments yet" })).toBeVisible();
    expect(place.current).toBe("/payments");
  });

  it("shows a problem with its correlation id, and recovers when tried again", async () => {
    refuse("/transactions", 503, "store_unavailable");
    const { user } = openConsole("/payments");
    expect(await screen.findByText("Detail of store_unavailable.")).toBeVisible();
    expect(screen.getByText("corr-17")).toBeVisible();
    answer("/transactions", page([payment("p1")]));
    await user.click(screen.getByRole("button", { name: "Try again" }));
    expect(await table()).toBeVisible();
  });

  it("says so when the role does not show it", async () => {
    server.use(http.get(`${API}/transactions`, () => problem(403, "forbidden")));
    openConsole("/payments", { role: "read_only" });
    expect(await screen.findByRole("heading", { name: "Your role does not show this" })).toBeVisible();
  });
});
