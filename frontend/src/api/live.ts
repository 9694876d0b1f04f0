import { Store, useStore } from "./store";

const KEY = "payflow.paused";

function remembered(): boolean {
  try {
    return sessionStorage.getItem(KEY) === "yes";
  } catch {
    return false;
  }
}

/**
 * Whether the console may ask for news by itself. Paused means that nothing is sent: no stream, no polling, no
 * refetch on focus or on a network that returns. What the operator does by hand is still sent.
 */
export const paused = new Store<boolean>(remembered());

export function setPaused(value: boolean): void {
  try {
    sessionStorage.setItem(KEY, value ? "yes" : "no");
  } catch {
    // Without storage the choice lasts as long as the page.
  }
  paused.set(value);
}

export function usePaused(): boolean {
  return useStore(paused);
}

/** How often a query may poll: never while paused. Hand it to `refetchInterval`. */
export function pollEvery(milliseconds: number): () => number | false {
  return () => (paused.get() ? false : milliseconds);
}
