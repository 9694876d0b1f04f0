import { describe, expect, inject, it } from "vitest";
import { EMAILS, open, violations, withBrowser } from "./browser";
import { PASSWORD } from "./system";

const newPage = withBrowser();

const PAGES = {
  dashboard: "/",
  payments: "/payments",
  "alerts, with one open": "/alerts?status=open",
  "audit log": "/audit",
  rules: "/rules",
  "a rule": "/rules/high_value",
  "a new rule": "/rules/new",
  "dead letters": "/dead-letters",
  "parked facts": "/parked",
  "queue and fleet": "/fleet",
  users: "/users",
  roles: "/users?view=roles",
  profile: "/profile",
  "system health": "/system",
} as const;

describe("every page, against WCAG 2.2 AA", () => {
  it.each(["light", "dark"] as const)(
    "is clean in %s, and asks only for what the server has",
    async (theme) => {
      const page = await newPage("admin", { colorScheme: theme });
      const refused: string[] = [];
      page.on("response", (response) => {
        const { pathname } = new URL(response.url());
        if (response.status() >= 400)
          refused.push(`${response.status()} ${response.request().method()} ${pathname}`);
      });
      const found: Record<string, string[]> = {};
      for (const [name, path] of Object.entries(PAGES)) {
        await open(page, path);
        const wrong = await violations(page);
        if (wrong.length > 0) found[name] = wrong;
      }
      expect(found).toEqual({});
      expect(refused).toEqual([]);
    },
  );

  it.each(["light", "dark"] as const)("is clean in %s before anybody is signed in", async (theme) => {
    const page = await newPage(null, { colorScheme: theme });
    for (const path of ["/sign-in", "/reset-password"]) {
      await page.goto(path);
      await page.getByLabel("E-mail").waitFor();
      expect(await violations(page)).toEqual([]);
    }
  });

  it("fits a phone: no page is wider than its screen", async () => {
    const page = await newPage("admin", { viewport: { width: 390, height: 844 } });
    const wide: string[] = [];
    for (const [name, path] of Object.entries(PAGES)) {
      await open(page, path);
      const width = await page.evaluate(() => document.documentElement.scrollWidth);
      if (width > 390) wide.push(`${name}: ${width}`);
    }
    expect(wide).toEqual([]);
  });
});

describe("whoever may not", () => {
  it("sees the page of users explained, not empty", async () => {
    const page = await newPage("reader");
    await page.goto("/users");
    await page.getByRole("heading", { name: "Your role does not show this" }).waitFor();
  });

  it("finds actions in their places, with the reason", async () => {
    const page = await newPage("reader");
    await open(page, "/fleet");
    const pause = page.getByRole("button", { name: "Pause", exact: true });
    expect(await pause.getAttribute("aria-disabled")).toBe("true");
    await pause.focus();
    await page.getByRole("tooltip").getByText("It takes the role Operator").waitFor();
  });

  it("is sent to sign in, and back to where they wanted", async () => {
    const page = await newPage(null);
    await page.goto("/audit?operators_only=true");
    await page.waitForURL(/\/sign-in/);
    await page.getByLabel("E-mail").fill(EMAILS.reader);
    await page.getByLabel("Password", { exact: true }).fill(PASSWORD);
    await page.getByRole("button", { name: "Sign in", exact: true }).click();
    await page.waitForURL(`${inject("console")}/audit?operators_only=true`);
  });
});
