import { screen, waitFor, within } from "@testing-library/react";
import { HttpResponse, http } from "msw";
import { describe, expect, it } from "vitest";
import { openConsole } from "@/test/console";
import { detail, payment } from "@/test/examples";
import { API, answer, mockServer, problem, server } from "@/test/server";

mockServer();

interface Given {
  key: string | null;
  match: string | null;
  dryRun: boolean;
  body: { amount_minor?: number; reason?: string };
}

/** An API that refunds: it says what a dry run would change, and does what `outcome` says when it is asked in earnest. */
function refunds(outcome: (count: number) => Response = () => accepted()): Given[] {
  const given: Given[] = [];
  server.use(
    http.post(`${API}/transactions/p1/refund`, async ({ request }) => {
      const dryRun = new URL(request.url).searchParams.get("dry_run") === "true";
      const body = (await request.json()) as Given["body"];
      given.push({
        key: request.headers.get("Idempotency-Key"),
        match: request.headers.get("If-Match"),
        dryRun,
        body,
      });
      if (!dryRun) return outcome(given.filter((each) => !each.dryRun).length);
      const amount = body.amount_minor ?? 6895;
      return HttpResponse.json({
        command: null,
        dry_run: true,
        allowed_commands: ["refund"],
        transaction: payment("p1"),
        changes: {
          refund_pending_minor: { from: 0, to: amount },
          refundable_minor: { from: 6895, to: 6895 - amount },
        },
      });
    }),
  );
  return given;
}

function accepted(): Response {
  return HttpResponse.json(
    { command: null, dry_run: false, allowed_commands: [], transaction: payment("p1"), changes: {} },
    { status: 202 },
  );
}

async function openRefund(etag = '"3"') {
  const asked = answer("/transactions/p1", detail("p1"), { ETag: etag });
  const opened = openConsole("/payments/p1");
  await screen.findByRole("heading", { name: "Commands" });
  await opened.user.keyboard("r");
  const dialog = within(await screen.findByRole("dialog"));
  const amount = dialog.getByRole("textbox", { name: "Amount" });
  const type = async (text: string) => {
    await opened.user.clear(amount);
    await opened.user.type(amount, text);
  };
  return { ...opened, asked, dialog, amount, type };
}

const earnest = (given: Given[]) => given.filter((each) => !each.dryRun);

describe("giving a command", () => {
  it("shows what would change, to the last minor unit, before it can be confirmed", async () => {
    const given = refunds();
    const { user, dialog, type } = await openRefund();
    await type("12.34");
    const row = within(await dialog.findByRole("row", { name: /Left to refund 68.95 56.61/ }));
    expect(row.getByText("56.61")).toBeVisible();
    await user.type(dialog.getByRole("textbox", { name: "Reason" }), "goodwill");
    await user.click(await dialog.findByRole("button", { name: "Refund 12.34 EUR" }));
    await waitFor(() => expect(screen.queryByRole("dialog")).toBeNull());
    expect(earnest(given)).toEqual([
      {
        key: expect.stringMatching(/^[0-9a-f-]{36}$/),
        match: '"3"',
        dryRun: false,
        body: { amount_minor: 1234, reason: "goodwill" },
      },
    ]);
  });

  it("does nothing with an amount that it cannot read or that is too much", async () => {
    const given = refunds();
    const { dialog, type } = await openRefund();
    await dialog.findByRole("row", { name: /Left to refund/ });
    const before = given.length;
    await type("12,34");
    expect(dialog.getByText(/a point before the decimals/)).toBeVisible();
    expect(dialog.getByRole("button", { name: "Refund" })).toBeDisabled();
    await type("68.96");
    expect(dialog.getByText("Only 68.95 is left to refund.")).toBeVisible();
    expect(dialog.getByRole("button", { name: "Refund" })).toBeDisabled();
    expect(given).toHaveLength(before);
  });

  it("repeats a lost call with the same key, and takes a new one for another amount", async () => {
    const given = refunds((count) => (count === 1 ? (HttpResponse.error() as Response) : accepted()));
    const { user, dialog } = await openRefund();
    await user.click(await dialog.findByRole("button", { name: "Refund 68.95 EUR" }));
    expect(await dialog.findByText("PayFlow cannot be reached from this browser.")).toBeVisible();
    await user.click(dialog.getByRole("button", { name: "Refund 68.95 EUR" }));
    await waitFor(() => expect(earnest(given)).toHaveLength(2));
    expect(earnest(given)[1]?.key).toBe(earnest(given)[0]?.key);
  });

  it("takes another key for another intention", async () => {
    const given = refunds((count) =>
      count === 1 ? problem(503, "store_unavailable") : (accepted() as ReturnType<typeof problem>),
    );
    const { user, dialog, type } = await openRefund();
    await user.click(await dialog.findByRole("button", { name: "Refund 68.95 EUR" }));
    await dialog.findByText("Detail of store_unavailable.");
    await type("1.00");
    const other = await dialog.findByRole("button", { name: "Refund 1.00 EUR" });
    await waitFor(() => expect(other).toBeEnabled());
    expect(dialog.queryByText("Detail of store_unavailable.")).toBeNull();
    await user.click(other);
    await waitFor(() => expect(earnest(given)).toHaveLength(2));
    expect(earnest(given)[1]?.key).not.toBe(earnest(given)[0]?.key);
  });

  it("reads the payment anew when it changed meanwhile, and asks again", async () => {
    const given = refunds((count) => (count === 1 ? problem(412, "precondition_failed") : accepted()));
    const { user, dialog } = await openRefund();
    await dialog.findByRole("button", { name: "Refund 68.95 EUR" });
    answer("/transactions/p1", detail("p1", { version: 4 }), { ETag: '"4"' });
    await user.click(dialog.getByRole("button", { name: "Refund 68.95 EUR" }));
    expect(await dialog.findByText(/changed while you looked/)).toBeVisible();
    await waitFor(() => expect(given.at(-1)).toMatchObject({ dryRun: true, match: '"4"' }));
    await user.click(await dialog.findByRole("button", { name: "Refund 68.95 EUR" }));
    await waitFor(() => expect(earnest(given).at(-1)?.match).toBe('"4"'));
  });

  it("puts the server's refusal of the amount beside the amount", async () => {
    server.use(
      http.post(`${API}/transactions/p1/refund`, () =>
        problem(422, "amount_exceeds_refundable", {
          errors: [{ pointer: "/amount_minor", detail: "Only 10.00 can be refunded." }],
        }),
      ),
    );
    const { amount } = await openRefund();
    await waitFor(() =>
      expect(amount).toHaveAccessibleDescription(expect.stringContaining("Only 10.00 can be refunded.")),
    );
  });
});

describe("commands that cannot be given", () => {
  it("stay in their place and say why", async () => {
    answer("/transactions/p1", detail("p1"), { ETag: '"3"' });
    const { user } = openConsole("/payments/p1");
    const capture = await screen.findByRole("button", { name: "Capture" });
    expect(capture).toHaveAttribute("aria-disabled", "true");
    expect(screen.getByText("Nothing is left to capture.")).toBeVisible();
    await user.click(capture);
    await user.keyboard("c");
    expect(screen.queryByRole("dialog")).toBeNull();
  });

  it("name the role that it takes", async () => {
    answer("/transactions/p1", detail("p1"), { ETag: '"3"' });
    const { user } = openConsole("/payments/p1", { role: "read_only" });
    await screen.findByRole("heading", { name: "Commands" });
    expect(screen.getByText("It takes the role Operator; yours is Read only.")).toBeVisible();
    await user.keyboard("r");
    expect(screen.queryByRole("dialog")).toBeNull();
  });
});
