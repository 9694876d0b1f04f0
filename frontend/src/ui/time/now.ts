import { useSyncExternalStore } from "react";

// One clock for every relative time on the page: it ticks only while something watches it.
const watchers = new Set<() => void>();
let timer: ReturnType<typeof setInterval> | undefined;
let now = Date.now();

function watch(watcher: () => void): () => void {
  watchers.add(watcher);
  timer ??= setInterval(() => {
    now = Date.now();
    for (const each of [...watchers]) each();
  }, 1000);
  return () => {
    watchers.delete(watcher);
    if (watchers.size === 0) {
      clearInterval(timer);
      timer = undefined;
    }
  };
}

function read(): number {
  if (timer === undefined) now = Date.now();
  return now;
}

function readSteady(): number {
  const value = read();
  return value - (value % 1000);
}

/** The time in whole seconds, in milliseconds; the component is drawn again each second. */
export function useNow(): number {
  return useSyncExternalStore(watch, readSteady, readSteady);
}
