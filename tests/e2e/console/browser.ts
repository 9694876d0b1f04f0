import { existsSync, readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { join } from "node:path";
import { type Browser, type BrowserContext, chromium, type Page } from "playwright-core";
import { afterAll, beforeAll, inject, onTestFailed } from "vitest";
import { PASSWORD } from "./system";

const CHROMIUM = process.env.PAYFLOW_CHROMIUM ?? "/usr/bin/chromium";
/** The packages of the suite are the console's. */
const CONSOLE = new URL("../../../frontend/package.json", import.meta.url);
const AXE = readFileSync(createRequire(CONSOLE).resolve("axe-core/axe.min.js"), "utf8");
const RULES = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"];

/** Longer than anything takes on two busy cores; every wait ends at once when what it waits for is there. */
const PATIENCE_MS = 30_000;
const POLL_MS = 250;
const FAILURES = join(import.meta.dirname, ".failures");

export const EMAILS = {
  admin: "admin@payflow.local",
  operator: "operator@payflow.test",
  reader: "reader@payflow.test",
} as const;

export type Who = keyof typeof EMAILS;

/** One browser for the tests of a file. Each call gives a page of its own, signed in, with its errors watched. */
export function withBrowser() {
  let browser: Browser;
  const contexts: BrowserContext[] = [];
  beforeAll(async () => {
    if (!existsSync(CHROMIUM)) {
      throw new Error(
        `There is no ${CHROMIUM}. Install it (apt-get install chromium), or name one in PAYFLOW_CHROMIUM.`,
      );
    }
    browser = await chromium.launch({
      executablePath: CHROMIUM,
      args: ["--no-sandbox", "--disable-background-networking", "--disable-dev-shm-usage"],
    });
  });
  afterAll(async () => {
    for (const context of contexts) await context.close();
    await browser?.close();
  });
  return async (
    who: Who | null = "admin",
    options: Parameters<Browser["newContext"]>[0] = {},
  ): Promise<Page> => {
    const context = await browser.newContext({
      baseURL: inject("console"),
      viewport: { width: 1440, height: 900 },
      // What is fading in has no colour yet that axe could judge.
      reducedMotion: "reduce",
      ...options,
    });
    contexts.push(context);
    context.setDefaultTimeout(PATIENCE_MS);
    const page = await context.newPage();
    onTestFailed(({ task }) => picture(page, task.name));
    if (who !== null) await signIn(page, who);
    return page;
  };
}

/** What the page looked like when a claim failed. */
async function picture(page: Page, name: string): Promise<void> {
  const path = join(FAILURES, `${name.replaceAll(/[^a-z0-9]+/gi, "-")}.png`);
  await page.screenshot({ path });
  process.stderr.write(`A picture of the failure is in ${path}\n`);
}

export async function signIn(page: Page, who: Who): Promise<void> {
  await page.goto("/sign-in");
  await page.getByLabel("E-mail").fill(EMAILS[who]);
  await page.getByLabel("Password", { exact: true }).fill(PASSWORD);
  await page.getByRole("button", { name: "Sign in", exact: true }).click();
  // The one thing of the shell that is there on every width.
  const inside = page.getByRole("button", { name: /^Find a payment/ });
  const refused = page.locator("form").getByRole("alert");
  await inside.or(refused).first().waitFor();
  if (await refused.isVisible()) throw new Error(`${who} was not signed in: ${await refused.textContent()}`);
}

/** Opens a page of the console and waits until it has something to show. */
export async function open(page: Page, path: string): Promise<void> {
  await page.goto(path);
  await page.getByRole("heading", { level: 1 }).waitFor();
  await settled(page);
}

export async function settled(page: Page): Promise<void> {
  await page.waitForFunction(() => document.querySelector("[aria-label=Loading]") === null);
}

/** What axe finds against WCAG 2.2 AA, one line for each element. */
export async function violations(page: Page): Promise<string[]> {
  // Evaluated and not added as a script: the content security policy has no exception for tests either.
  await page.evaluate(AXE);
  return page.evaluate(async (tags) => {
    const { axe } = window as unknown as {
      axe: { run: (root: Document, options: object) => Promise<Report> };
    };
    interface Report {
      violations: { id: string; nodes: { html: string; failureSummary?: string }[] }[];
    }
    const report = await axe.run(document, { runOnly: tags });
    return report.violations.flatMap(({ id, nodes }) =>
      nodes.map((node) => `${id}: ${node.html.slice(0, 160)} ${node.failureSummary ?? ""}`),
    );
  }, RULES);
}

/** Polls until a claim about the page holds; gives up with what it said last. */
export async function eventually(claim: () => Promise<void>): Promise<void> {
  const until = Date.now() + PATIENCE_MS;
  for (;;) {
    try {
      return await claim();
    } catch (error) {
      if (Date.now() > until) throw error;
      await new Promise((resolve) => setTimeout(resolve, POLL_MS));
    }
  }
}
