import type { Page } from "playwright-core";
import { expect, it } from "vitest";
import { eventually, open, settled, withBrowser } from "./browser";

const newPage = withBrowser();

/** The first payment of a list, by its id. */
async function firstPayment(page: Page): Promise<string> {
  const row = page.getByRole("table", { name: "Payments" }).locator("tbody tr").first();
  await row.waitFor();
  return (await row.getAttribute("data-row")) ?? "";
}

it("numbers move on the dashboard while one looks", async () => {
  const page = await newPage();
  await open(page, "/");
  await page.getByRole("button", { name: "Live", exact: true }).waitFor();
  const text = () => page.getByRole("main").textContent();
  const before = await text();
  await eventually(async () => expect(await text()).not.toBe(before));
});

it("a payment is found by filter, read, and refunded in part", async () => {
  const page = await newPage("operator");
  await open(page, "/payments");
  const search = page.getByRole("combobox", { name: "Search and filter" });
  await eventually(async () => {
    await search.fill("status:captured dispute_status:none");
    await search.press("Enter");
    await settled(page);
    expect(await page.getByRole("table", { name: "Payments" }).locator("tbody tr").count()).toBeGreaterThan(
      0,
    );
  });
  expect(new URL(page.url()).search).toContain("status=captured");

  await open(page, `/payments/${await firstPayment(page)}`);
  const timeline = page
    .getByRole("region", { name: "Timeline" })
    .or(page.locator("section", { hasText: "Timeline" }));
  await timeline.getByText("capture.succeeded").or(timeline.getByText("sale.succeeded")).first().waitFor();

  await page
    .getByRole("button", { name: /^Refund/ })
    .first()
    .click();
  const dialog = page.getByRole("dialog");
  const amount = dialog.getByRole("textbox", { name: "Amount" });
  const all = await amount.inputValue();
  await amount.fill(all.includes(".") ? all.replace(/\d/g, "0").replace(/0$/, "1") : "1");
  await dialog.getByRole("textbox", { name: /Reason/ }).fill("goodwill");
  const confirm = dialog.getByRole("button", { name: /^Refund \S/ });
  await confirm.click();
  await page.getByText(/Refund of .* asked for/).waitFor();

  const paymentId = new URL(page.url()).pathname.split("/").at(-1) ?? "";
  await open(page, `/audit?payment_id=${paymentId}&operators_only=true`);
  const rows = page.getByRole("table", { name: "Audit log" }).locator("tbody tr");
  await rows.filter({ hasText: "operator@payflow.test" }).first().waitFor();
});

it("an alert is acknowledged by key, undone, and the trail has both", async () => {
  const page = await newPage("operator");
  await open(page, "/alerts");
  await page.waitForURL(/status=open/);
  const rows = page.getByRole("table", { name: "Alerts" }).locator("tbody tr");
  await rows.first().waitFor();
  await page.keyboard.press("p");
  await page.getByRole("button", { name: /^Paused/ }).waitFor();
  await page.keyboard.press("j");
  const alertId = await page.evaluate(() => document.activeElement?.closest("tr")?.dataset.row ?? "");
  await page.keyboard.press("a");
  await page.getByText(/\w acknowledged/).waitFor();
  await page.getByRole("button", { name: "Undo" }).click();
  await page.getByText("1 alert as before").waitFor();

  await open(page, `/audit?subject_kind=alert&subject_id=${alertId}`);
  const told = page.getByRole("table", { name: "Audit log" }).locator("tbody");
  await told.getByText("Alert acknowledged").waitFor();
  await told.getByText("Alert reopened").waitFor();
  await told.locator("tr", { hasText: "Alert acknowledged" }).locator("[data-opener]").click();
  const panel = page.getByRole("complementary", { name: "Details" });
  await panel.getByText("operator@payflow.test").waitFor();
});

it("a rule is written against the compiler, tried, changed, and triggers", async () => {
  const page = await newPage("operator");
  await open(page, "/rules/new");
  const name = `suite_${Date.now()}`;
  await page.getByRole("textbox", { name: "Name" }).fill(name);
  const editor = page.getByRole("textbox", { name: "Condition" });
  await editor.fill('verdict == "apply" && event.amout > 5');
  await page
    .getByRole("list", { name: "What is wrong" })
    .getByText(/no such field/)
    .waitFor();
  await editor.fill('verdict == "apply" && event.amount_minor > 9007199254740990');
  await page.getByText("It compiles.").waitFor();
  await page.getByRole("switch", { name: "Put it in force at once" }).click();
  await page.getByRole("button", { name: "Create the rule" }).click();
  await page.getByRole("dialog").getByRole("button", { name: "Create the rule" }).click();
  await page.waitForURL(new RegExp(`/rules/${name}$`));
  await page.getByRole("button", { name: "Save as version 2" }).waitFor(); // the editor of the new rule is gone

  await editor.fill('verdict == "apply" && event.amount_minor > 0');
  await page.getByText("It compiles.").waitFor();
  await page.keyboard.press("Control+Enter");
  await page.getByText(/[1-9][\d,]* of [\d,]+ events match/).waitFor();
  await page.getByRole("button", { name: "Save as version 2" }).click();
  const dialog = page.getByRole("dialog");
  await dialog.getByRole("region", { name: "What changes in the condition" }).waitFor();
  await dialog.getByRole("button", { name: "Save version 2" }).click();
  await page.getByText(`${name}, version 2, is saved.`).waitFor();

  const raised = page.getByRole("table", { name: "Alerts" }).locator("tbody tr");
  await eventually(async () => {
    await open(page, `/alerts?rule=${name}`);
    await raised.first().or(page.getByText("Nothing matches")).first().waitFor();
    expect(await raised.count()).toBeGreaterThan(0);
  });
});
