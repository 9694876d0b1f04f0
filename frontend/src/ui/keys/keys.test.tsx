import { render, screen } from "@testing-library/react";
import userEvent from "@testing-library/user-event";
import { expect, it, vi } from "vitest";
import { type KeyBinding, KeysProvider, useKeys } from "./keys";

function Bound({ bindings }: { bindings: KeyBinding[] }) {
  useKeys(bindings);
  return null;
}

const binding = (keys: string, run: () => void, always = false): KeyBinding => ({
  keys,
  run,
  always,
  label: keys,
  group: "Test",
});

function setup(...bindings: KeyBinding[]) {
  render(
    <KeysProvider>
      <Bound bindings={bindings} />
      <input aria-label="Field" />
      <textarea aria-label="Area" />
      <input type="checkbox" aria-label="Check" />
      <button type="button">Button</button>
    </KeysProvider>,
  );
  return userEvent.setup();
}

it("a key runs its binding", async () => {
  const run = vi.fn();
  const user = setup(binding("j", run));
  await user.keyboard("j");
  expect(run).toHaveBeenCalledOnce();
});

it("none fires while typing, except a chord that says so", async () => {
  const plain = vi.fn();
  const chord = vi.fn();
  const user = setup(binding("j", plain), binding("g p", plain), binding("mod+k", chord, true));
  for (const label of ["Field", "Area"]) {
    await user.click(screen.getByLabelText(label));
    await user.keyboard("jgp");
  }
  expect(plain).not.toHaveBeenCalled();
  expect(screen.getByLabelText("Field")).toHaveValue("jgp");
  await user.keyboard("{Control>}k{/Control}");
  expect(chord).toHaveBeenCalledOnce();
});

it("a checkbox is not typing", async () => {
  const run = vi.fn();
  const user = setup(binding("j", run));
  screen.getByLabelText("Check").focus();
  await user.keyboard("j");
  expect(run).toHaveBeenCalledOnce();
});

it("two keys after each other are one jump, and a wrong second key is nothing", async () => {
  const run = vi.fn();
  const other = vi.fn();
  const user = setup(binding("g p", run), binding("x", other));
  await user.keyboard("gp");
  expect(run).toHaveBeenCalledOnce();
  await user.keyboard("gqp");
  expect(run).toHaveBeenCalledOnce();
  await user.keyboard("gx");
  expect(other).toHaveBeenCalledOnce();
});

it("none fires behind a dialog", async () => {
  const run = vi.fn();
  const user = setup(binding("j", run));
  const dialog = document.createElement("div");
  dialog.setAttribute("role", "dialog");
  dialog.setAttribute("aria-modal", "true");
  document.body.append(dialog);
  await user.keyboard("j");
  expect(run).not.toHaveBeenCalled();
  dialog.remove();
  await user.keyboard("j");
  expect(run).toHaveBeenCalledOnce();
});

it("Enter on a button is the button's own", async () => {
  const run = vi.fn();
  const user = setup(binding("Enter", run));
  screen.getByRole("button", { name: "Button" }).focus();
  await user.keyboard("{Enter}");
  expect(run).not.toHaveBeenCalled();
});

function Around({ own, inside }: { own: KeyBinding; inside: KeyBinding }) {
  useKeys([own]);
  return <Bound bindings={[inside]} />;
}

it("what is inside wins over what is around it, when both come at once", async () => {
  const shell = vi.fn();
  const page = vi.fn();
  render(
    <KeysProvider>
      <Around own={binding("u", shell)} inside={binding("u", page)} />
    </KeysProvider>,
  );
  await userEvent.setup().keyboard("u");
  expect(page).toHaveBeenCalledOnce();
  expect(shell).not.toHaveBeenCalled();
});
