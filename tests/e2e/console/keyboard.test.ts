import { expect, it } from "vitest";
import { open, withBrowser } from "./browser";

const newPage = withBrowser();

it("a shift without a mouse: jump, filter, open, triage, note, and back", async () => {
  const page = await newPage("operator");
  await open(page, "/");
  const press = (keys: string) => page.keyboard.press(keys);

  await press("g");
  await press("a");
  await page.waitForURL(/\/alerts/);
  await page.getByRole("table", { name: "Alerts" }).locator("tbody tr").first().waitFor();
  await press("p");

  await press("/");
  await page.keyboard.type("severity:warning,high,critical");
  await press("Enter");
  await page.waitForURL(/severity=warning/);
  await press("Escape");
  await page.getByRole("table", { name: "Alerts" }).locator("tbody tr").first().waitFor();

  await press("j");
  await press("j");
  const second = await page.evaluate(() => document.activeElement?.closest("tr")?.dataset.row ?? "");
  await press("Enter");
  await page.waitForURL(new RegExp(`open=${second}`));
  const panel = page.getByRole("complementary", { name: "Details" });
  await panel.getByText("What happened").first().waitFor();
  await press("k");
  await page.waitForFunction((before) => !location.search.includes(`open=${before}`), second);

  await press("e");
  const dialog = page.getByRole("dialog", { name: /^Resolve / });
  await dialog.waitFor();
  await press("ArrowDown");
  await press("Tab");
  await page.keyboard.type("Seen by the suite");
  await press("Tab");
  await press("Tab");
  await press("Enter");
  await page.getByText(/\w resolved/).waitFor();

  await press("Escape");
  await press("?");
  const sheet = page.getByRole("dialog");
  await sheet.getByText("Acknowledge").waitFor();
  await press("Escape");
  await sheet.waitFor({ state: "hidden" });

  await press("Control+k");
  await page.getByRole("combobox", { name: "Page, payment id, or words" }).waitFor();
  await page.keyboard.type("audit");
  await page.getByRole("option", { name: /^Audit log/, selected: true }).waitFor();
  await press("Enter");
  await page.waitForURL(/\/audit/);
  await page.getByRole("heading", { level: 1, name: "Audit log" }).waitFor();
  expect(await page.title()).toBe("Audit log · PayFlow");
});

it("the page can be reached past the navigation, and focus is always to be seen", async () => {
  const page = await newPage("reader");
  await open(page, "/payments");
  await page.evaluate(() => (document.activeElement as HTMLElement | null)?.blur());
  await page.keyboard.press("Tab");
  expect(await page.evaluate(() => document.activeElement?.textContent)).toBe("Skip to the page");
  await page.keyboard.press("Enter");
  expect(await page.evaluate(() => document.activeElement?.id)).toBe("main");
});
