import "@testing-library/jest-dom/vitest";
import { notifications } from "@mantine/notifications";
import { cleanup, configure } from "@testing-library/react";
import { afterEach, vi } from "vitest";

// A deadline, not a wait: a page's code is compiled when the first test opens it, on a machine that may be busy.
configure({ asyncUtilTimeout: 60_000 });
afterEach(() => {
  cleanup();
  // They live outside the page, so one test would read what the one before it was told.
  notifications.clean();
});

// What jsdom lacks of a browser, as far as the console uses it.
vi.stubGlobal(
  "ResizeObserver",
  class {
    observe() {}
    unobserve() {}
    disconnect() {}
  },
);
window.matchMedia ??= (query: string) =>
  ({
    matches: false,
    media: query,
    addEventListener: () => undefined,
    removeEventListener: () => undefined,
    addListener: () => undefined,
    removeListener: () => undefined,
  }) as unknown as MediaQueryList;
Element.prototype.scrollIntoView ??= () => undefined;
// A text area that grows asks when fonts come.
Object.defineProperty(document, "fonts", {
  value: { addEventListener: () => undefined, removeEventListener: () => undefined },
});
