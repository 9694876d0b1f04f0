import { expect, it } from "vitest";
import { eventually, open, withBrowser } from "./browser";

const newPage = withBrowser();

/** Longer than each poll of the pages that are looked at, so that one that went on would be seen. */
const QUIET_MS = 12_000;

it("paused means that nothing is sent, on a page that polls and listens", async () => {
  const page = await newPage();
  await open(page, "/fleet");
  await page.getByRole("button", { name: "Live", exact: true }).waitFor();
  await page.keyboard.press("p");
  await page.getByRole("button", { name: /^Paused/ }).waitFor();
  const asked: string[] = [];
  page.on("request", (request) => asked.push(`${request.method()} ${request.url()}`));
  page.on("websocket", (socket) => asked.push(`socket ${socket.url()}`));
  await page.evaluate(() => window.dispatchEvent(new Event("focus")));
  await page.evaluate(() => window.dispatchEvent(new Event("online")));
  // There is no sign of something that does not happen, so its time is let go by, on the page's own clock.
  await page.evaluate((quiet) => new Promise((resolve) => setTimeout(resolve, quiet)), QUIET_MS);
  expect(asked).toEqual([]);

  await page.keyboard.press("p");
  await eventually(async () => expect(asked.length).toBeGreaterThan(0));
});

it("the theme is switched, kept with the account, and there before the first paint", async () => {
  const page = await newPage("operator", { colorScheme: "light" });
  await open(page, "/profile");
  const ground = () => page.evaluate(() => getComputedStyle(document.body).backgroundColor);
  const light = await ground();
  await page.getByRole("radiogroup", { name: "Theme" }).getByText("Dark").click();
  await eventually(async () => expect(await ground()).not.toBe(light));
  const dark = await ground();
  await page.reload({ waitUntil: "commit" });
  await page.waitForFunction(() => document.documentElement.dataset.mantineColorScheme !== undefined);
  expect(await page.evaluate(() => document.documentElement.dataset.mantineColorScheme)).toBe("dark");
  await page.getByRole("heading", { level: 1, name: "Profile" }).waitFor();
  expect(await ground()).toBe(dark);

  const elsewhere = await newPage("operator", { colorScheme: "light" });
  await open(elsewhere, "/payments");
  await eventually(async () =>
    expect(await elsewhere.evaluate(() => document.documentElement.dataset.mantineColorScheme)).toBe("dark"),
  );
});

it("a pause and a resume of the fleet are obeyed and undone where they are ordered", async () => {
  const page = await newPage("operator");
  await open(page, "/fleet");
  await page.getByRole("button", { name: "Pause", exact: true }).click();
  const dialog = page.getByRole("dialog", { name: "Pause the fleet" });
  await dialog.getByRole("textbox", { name: /Why/ }).fill("suite");
  await dialog.getByRole("button", { name: "Pause the fleet" }).click();
  const workers = page.getByRole("table", { name: "Workers" });
  await workers.getByText("Paused").waitFor();
  await page.getByRole("button", { name: "Undo" }).click();
  await workers.getByText("Running").waitFor();
});
