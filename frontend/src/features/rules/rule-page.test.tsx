import { screen, waitFor, within } from "@testing-library/react";
import { HttpResponse, http } from "msw";
import { describe, expect, it } from "vitest";
import { openConsole } from "@/test/console";
import { API, answer, mockServer, problem, server } from "@/test/server";
import type { Rule } from "./rules";

mockServer();

const RULE: Rule = {
  rule_id: "1",
  name: "big",
  version: 3,
  condition: "event.amount_minor > 100",
  severity: "warning",
  description: "Large amounts",
  enabled: true,
  created_by: "user:ada@example.com",
  created_at: "2026-11-24T10:00:00.000Z",
  alerts_24h: 4,
  etag: "3",
};

/** A compiler that knows one mistake. */
function compiler(): void {
  server.use(
    http.post(`${API}/rules/validate`, async ({ request }) => {
      const { condition } = (await request.json()) as { condition: string };
      const lines = condition.split("\n");
      const line = lines.findIndex((text) => text.includes("event.amout"));
      const column = (lines[line]?.indexOf("event.amout") ?? 0) + 1;
      const errors = line === -1 ? [] : [{ line: line + 1, column, message: "event.amout: no such field" }];
      return HttpResponse.json({ valid: errors.length === 0, errors });
    }),
  );
}

async function opened(role: "operator" | "read_only" = "operator") {
  compiler();
  answer("/rules/big", { ...RULE, versions: [RULE] }, { ETag: '"3"' });
  answer("/rules/vocabulary", { fields: [{ name: "event.type", type: "string", description: "the type" }] });
  const { user, place } = openConsole("/rules/big", { role });
  const editor = await screen.findByRole<HTMLTextAreaElement>("textbox", { name: "Condition" });
  await screen.findByText("It compiles.");
  const write = async (text: string) => {
    await user.clear(editor);
    await user.type(editor, text);
  };
  return { user, place, editor, write };
}

describe("the editor of rules", () => {
  it("tells where the condition is wrong, marks it, and lets it not be saved", async () => {
    const { editor, write, user } = await opened();
    await write('verdict == "apply"\n  && event.amout > 5');
    const errors = within(await screen.findByRole("list", { name: "What is wrong" }));
    expect(errors.getByText("event.amout: no such field")).toBeVisible();
    expect(document.querySelector("mark")).toHaveTextContent("event.amout");
    expect(editor).toBeInvalid();
    const save = screen.getByRole("button", { name: "Save as version 4" });
    expect(save).toHaveAttribute("aria-disabled", "true");
    await user.click(errors.getByRole("button", { name: "Line 2, column 6" }));
    expect(editor.value.slice(editor.selectionStart, editor.selectionEnd)).toBe("event.amout");
  });

  it("writes a field of the vocabulary at the caret", async () => {
    const { editor, write, user } = await opened();
    await write("a == b");
    editor.setSelectionRange(5, 6);
    await user.click(await screen.findByRole("button", { name: "event.type" }));
    expect(editor.value).toBe("a == event.type");
  });

  it("shows what changes and saves it as a version of what was seen", async () => {
    const { write, user } = await opened();
    const saved: { match: string | null; body: unknown }[] = [];
    server.use(
      http.put(`${API}/rules/big`, async ({ request }) => {
        saved.push({ match: request.headers.get("If-Match"), body: await request.json() });
        return HttpResponse.json({ ...RULE, version: 4 });
      }),
    );
    await write("event.amount_minor > 900");
    await screen.findByText("It compiles.");
    await user.click(screen.getByRole("button", { name: "Save as version 4" }));
    const dialog = within(await screen.findByRole("dialog", { name: "Save big as version 4" }));
    const difference = dialog.getByRole("region", { name: "What changes in the condition" });
    expect(difference).toHaveTextContent("event.amount_minor > 100");
    expect(difference).toHaveTextContent("event.amount_minor > 900");
    expect(saved).toEqual([]);
    await user.click(dialog.getByRole("button", { name: "Save version 4" }));
    await waitFor(() => expect(saved).toHaveLength(1));
    expect(saved[0]).toEqual({
      match: '"3"',
      body: {
        condition: "event.amount_minor > 900",
        severity: "warning",
        description: "Large amounts",
        enabled: true,
      },
    });
  });

  it("keeps what was typed when somebody else saved meanwhile", async () => {
    const { editor, write, user } = await opened();
    server.use(http.put(`${API}/rules/big`, () => problem(412, "precondition_failed")));
    await write("event.amount_minor > 900");
    await screen.findByText("It compiles.");
    await user.click(screen.getByRole("button", { name: "Save as version 4" }));
    await user.click(await screen.findByRole("button", { name: "Save version 4" }));
    expect(await screen.findByText(/Somebody saved another version/)).toBeVisible();
    await user.click(screen.getByRole("button", { name: "Cancel" }));
    expect(editor.value).toBe("event.amount_minor > 900");
  });

  it("tries the condition as it is typed, and says when the outcome is of another", async () => {
    const { write, user } = await opened();
    server.use(
      http.post(`${API}/rules/try`, () =>
        HttpResponse.json({ events: 1000, matches: 37, errors: 0, sample: [] }),
      ),
    );
    await user.click(screen.getByRole("textbox", { name: "Condition" }));
    await user.keyboard("{Control>}{Enter}{/Control}");
    expect(await screen.findByText("37 of 1,000 events match")).toBeVisible();
    await write("event.amount_minor > 7");
    expect(await screen.findByText("The condition was changed since.")).toBeVisible();
  });

  it("is only read by who may not change it", async () => {
    const { editor } = await opened("read_only");
    expect(editor).toHaveAttribute("readonly");
    for (const name of ["Switch off", "Retire", "Save as version 4"]) {
      expect(screen.getByRole("button", { name })).toHaveAttribute("aria-disabled", "true");
    }
  });
});
