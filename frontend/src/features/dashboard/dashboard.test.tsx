import { screen, waitFor, within } from "@testing-library/react";
import { describe, expect, it, vi } from "vitest";
import { pollEvery, setPaused } from "@/api/live";
import { openConsole } from "@/test/console";
import { dashboard } from "@/test/examples";
import { answer, mockServer, refuse } from "@/test/server";
import { milliseconds, share } from "./figures";
import { rateChart } from "./series";

mockServer();

// The canvas is not what is under test, and jsdom has none.
vi.mock("uplot", () => ({
  default: class {
    setData() {}
    setSize() {}
    destroy() {}
  },
}));

describe("the dashboard", () => {
  it("says each chart's numbers as a table that a keyboard reaches", async () => {
    answer("/dashboard", dashboard());
    const { user } = openConsole("/");
    const choice = await screen.findByRole("radiogroup", { name: "Events per second: show as" });
    await user.click(within(choice).getByRole("radio", { name: "Table" }));
    const region = await screen.findByRole("region", { name: "Events per second as a table" });
    expect(region).toHaveAttribute("tabindex", "0");
    const newest = within(region).getAllByRole("row")[1] as HTMLElement;
    expect(
      within(newest)
        .getAllByRole("cell")
        .map((cell) => cell.textContent),
    ).toEqual(["1,800", "1,600", "40", "80", "4.0"]);
  });

  it("keeps the window in the URL", async () => {
    const asked = answer("/dashboard", dashboard());
    const { user, place } = openConsole("/?window=24h");
    const windows = await screen.findByRole("radiogroup", { name: "Window" });
    await waitFor(() => expect(asked[0]?.searchParams.get("window")).toBe("24h"));
    await user.click(within(windows).getByRole("radio", { name: "7 d" }));
    await waitFor(() => expect(place.current).toBe("/?window=7d"));
    await waitFor(() => expect(asked.at(-1)?.searchParams.get("window")).toBe("7d"));
  });

  it("writes money in each currency's own decimals and leads to what it is made of", async () => {
    answer("/dashboard", dashboard());
    openConsole("/");
    const money = await screen.findByRole("table", { name: "Amounts by currency" });
    expect(within(money).getByText("1,234,567")).toBeVisible();
    expect(within(money).getByRole("link", { name: "JPY" })).toHaveAttribute(
      "href",
      "/payments?currency=JPY",
    );
    const critical = screen.getByRole("list", { name: "Open alerts by severity" });
    expect(within(critical).getByRole("link", { name: /1\s*Critical/ })).toHaveAttribute(
      "href",
      "/alerts?status=open&severity=critical",
    );
  });

  it("shows a problem in place of figures, never zeros", async () => {
    refuse("/dashboard", 503, "store_unavailable");
    openConsole("/");
    expect(await screen.findByText("Detail of store_unavailable.")).toBeVisible();
    expect(screen.getByRole("region", { name: "This second" })).not.toHaveTextContent(/\b0\b/);
  });
});

describe("paused", () => {
  it("polls never, and resumes when asked", () => {
    const interval = pollEvery(10_000);
    setPaused(true);
    expect(interval()).toBe(false);
    setPaused(false);
    expect(interval()).toBe(10_000);
  });

  it("asks for nothing when the window gets the focus or the network returns", async () => {
    const asked = answer("/dashboard", dashboard());
    const { client } = openConsole("/");
    await screen.findByRole("table", { name: "Amounts by currency" });
    expect(asked).toHaveLength(1);
    await client.invalidateQueries({ refetchType: "none" });
    document.dispatchEvent(new Event("visibilitychange"));
    window.dispatchEvent(new Event("focus"));
    window.dispatchEvent(new Event("online"));
    expect(client.isFetching()).toBe(0);
    expect(asked).toHaveLength(1);
  });
});

describe("figures", () => {
  it("never round a part to nothing or to all", () => {
    expect([share(1, 1_000_000), share(999_999, 1_000_000), share(0, 5), share(5, 5)]).toEqual([
      "< 0.1 %",
      "> 99.9 %",
      "0 %",
      "100.0 %",
    ]);
    expect([milliseconds(9.44), milliseconds(61.2), milliseconds(1234), milliseconds(65_000)]).toEqual([
      "9.4 ms",
      "61 ms",
      "1.2 s",
      "65 s",
    ]);
  });

  it("leave out the step that is not over", () => {
    const cut = dashboard({ to: new Date((1795514460 + 30) * 1000).toISOString() });
    expect(rateChart(cut).times).toEqual([1795514400]);
    expect(rateChart(cut).range?.[1]).toBe(1795514490);
  });

  it("line up by time, with a gap where a series says nothing", () => {
    const { times, series } = rateChart(
      dashboard({ series: { ...dashboard().series, applied: [[1795514460, 7]], refused: [] } as never }),
    );
    expect(times).toEqual([1795514400, 1795514460]);
    expect(series.find((line) => line.label === "Applied")?.values).toEqual([null, 7]);
    expect(series.find((line) => line.label === "Refused")?.values).toEqual([null, null]);
  });
});
