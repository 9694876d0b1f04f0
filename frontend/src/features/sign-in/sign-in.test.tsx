import { screen, waitFor } from "@testing-library/react";
import { HttpResponse, http } from "msw";
import { beforeEach, describe, expect, it } from "vitest";
import { session } from "@/api/session";
import { openConsole } from "@/test/console";
import { detail, ME, payment } from "@/test/examples";
import { API, answer, mockServer, page, problem, server } from "@/test/server";
import { wayBack } from "./way-back";

mockServer();

let google = false;

beforeEach(() => {
  google = false;
  server.use(
    http.get(`${API}/auth/providers`, () => HttpResponse.json({ google })),
    http.post(`${API}/auth/login`, async ({ request }) => {
      const { password } = (await request.json()) as { password: string };
      if (password !== "correct horse") return problem(401, "invalid_credentials");
      return HttpResponse.json({ access_token: "t2", expires_in_s: 600, user: ME });
    }),
  );
});

describe("signing in", () => {
  it("leads back to the page that was asked for", async () => {
    answer("/transactions", page([payment("p1")]));
    const { user, place } = openConsole("/payments?status=captured", { signedIn: false });
    await user.type(await screen.findByLabelText("E-mail"), "dana@payflow.test");
    expect(place.current).toBe("/sign-in?next=%2Fpayments%3Fstatus%3Dcaptured");
    await user.type(screen.getByLabelText("Password"), "correct horse{Enter}");
    expect(await screen.findByRole("table", { name: "Payments" })).toBeVisible();
    expect(place.current).toBe("/payments?status=captured");
  });

  it("says why it was refused, and keeps the address", async () => {
    const { user } = openConsole("/sign-in", { signedIn: false });
    await user.type(await screen.findByLabelText("E-mail"), "dana@payflow.test");
    await user.type(screen.getByLabelText("Password"), "wrong{Enter}");
    expect(await screen.findByRole("alert")).toHaveTextContent("Detail of invalid_credentials.");
    expect(screen.getByLabelText("E-mail")).toHaveValue("dana@payflow.test");
    expect(screen.getByLabelText("Password")).toHaveValue("");
  });

  it("says when to try again after too many attempts", async () => {
    server.use(
      http.post(`${API}/auth/login`, () =>
        HttpResponse.json(
          {
            status: 429,
            code: "account_locked",
            title: "Locked",
            detail: "Too many attempts.",
            correlation_id: "c",
          },
          { status: 429, headers: { "Retry-After": "120" } },
        ),
      ),
    );
    const { user } = openConsole("/sign-in", { signedIn: false });
    await user.type(await screen.findByLabelText("E-mail"), "dana@payflow.test");
    await user.type(screen.getByLabelText("Password"), "correct horse{Enter}");
    expect(await screen.findByRole("alert")).toHaveTextContent("Too many attempts. Try again in 2 min.");
  });

  it("offers Google only where the server does", async () => {
    google = true;
    openConsole("/sign-in?next=%2Falerts", { signedIn: false });
    const link = await screen.findByRole("link", { name: "Continue with Google" });
    expect(link).toHaveAttribute("href", "/api/v1/auth/google/start?next=%2Falerts");
  });

  it("says why Google's way ended here", async () => {
    openConsole("/sign-in?error=no_account", { signedIn: false });
    expect(await screen.findByRole("alert")).toHaveTextContent("Ask an administrator for an invitation.");
  });

  it.each([
    ["/payments?x=1", "/payments?x=1"],
    ["//evil.test", "/"],
    ["https://evil.test", "/"],
    ["/\\evil.test", "/"],
    ["/sign-in", "/"],
    [null, "/"],
  ])("goes from next=%s to %s", (next, path) => {
    expect(wayBack(next)).toBe(path);
  });
});

describe("a session that ends while a page is open", () => {
  it("keeps the page and what was typed, and goes on after the password", async () => {
    answer("/transactions/p1", detail("p1"), { ETag: '"3"' });
    const { user, place } = openConsole("/payments/p1");
    await user.type(await screen.findByRole("textbox", { name: "Note on this payment" }), "half a thought");
    session.state.set({ phase: "expired", user: ME });
    await user.type(await screen.findByLabelText("Password"), "correct horse{Enter}");
    await waitFor(() => expect(screen.queryByRole("dialog")).toBeNull());
    expect(place.current).toBe("/payments/p1");
    expect(screen.getByRole("textbox", { name: "Note on this payment" })).toHaveValue("half a thought");
  });
});

describe("choosing a password by a link", () => {
  it("takes the invitation's token and leads to signing in", async () => {
    let sent: unknown;
    server.use(
      http.post(`${API}/auth/password/reset`, async ({ request }) => {
        sent = await request.json();
        return new HttpResponse(null, { status: 204 });
      }),
    );
    const { user } = openConsole("/reset-password?token=abc&invited", { signedIn: false });
    expect(await screen.findByRole("heading", { name: "Welcome to PayFlow" })).toBeVisible();
    await user.type(screen.getByLabelText("Choose a password"), "a long password");
    await user.type(screen.getByLabelText("The same again"), "another{Enter}");
    expect(screen.getByText("The two passwords differ.")).toBeVisible();
    expect(sent).toBeUndefined();
    await user.clear(screen.getByLabelText("The same again"));
    await user.type(screen.getByLabelText("The same again"), "a long password{Enter}");
    expect(await screen.findByRole("heading", { name: "Your password is set" })).toBeVisible();
    expect(sent).toEqual({ token: "abc", new_password: "a long password" });
  });

  it("puts the server's rule beside the field, and offers a new link for a spent one", async () => {
    const fault = { pointer: "/new_password", detail: "At least 12 characters." };
    server.use(
      http.post(`${API}/auth/password/reset`, () => problem(422, "invalid_body", { errors: [fault] }), {
        once: true,
      }),
      http.post(`${API}/auth/password/reset`, () => problem(410, "link_invalid")),
    );
    const { user } = openConsole("/reset-password?token=abc", { signedIn: false });
    await user.type(await screen.findByLabelText("New password"), "short");
    await user.type(screen.getByLabelText("The same again"), "short{Enter}");
    expect(await screen.findByText("At least 12 characters.")).toBeVisible();
    await user.click(screen.getByRole("button", { name: "Set the password" }));
    expect(await screen.findByRole("link", { name: "Ask for a new link" })).toBeVisible();
  });

  it("never tells whether an address has an account", async () => {
    server.use(http.post(`${API}/auth/password/forgot`, () => new HttpResponse(null, { status: 202 })));
    const { user } = openConsole("/reset-password", { signedIn: false });
    await user.type(await screen.findByLabelText("E-mail"), "who@payflow.test{Enter}");
    expect(await screen.findByText(/has an account, a link/)).toBeVisible();
  });
});
