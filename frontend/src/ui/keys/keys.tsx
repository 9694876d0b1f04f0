import { createContext, type ReactNode, useContext, useEffect, useMemo, useRef, useState } from "react";

export interface KeyBinding {
  /** `j`, `g p` (one after the other), `Enter`, `mod+k` (Ctrl, or Cmd on a Mac). */
  keys: string;
  label: string;
  group: string;
  run: () => void;
  /** Also while typing and above dialogs; only for chords with `mod`. */
  always?: boolean;
}

interface Registered extends KeyBinding {
  order: number;
}

interface Registry {
  /** A number for whoever asks, higher than all before. */
  next: () => number;
  add: (order: number, read: () => readonly KeyBinding[]) => () => void;
  list: () => Registered[];
}

const KeysContext = createContext<Registry | null>(null);
const SEQUENCE_MS = 1200;

/** Listens once for all keys of the console. The newest binding of a key wins, so a page can narrow the shell's. */
export function KeysProvider({ children }: { children: ReactNode }) {
  const sources = useRef(new Map<number, () => readonly KeyBinding[]>());
  const counter = useRef(0);
  const registry = useMemo<Registry>(
    () => ({
      next: () => ++counter.current,
      add: (order, read) => {
        sources.current.set(order, read);
        return () => sources.current.delete(order);
      },
      list: () =>
        [...sources.current.entries()].flatMap(([order, read]) =>
          read().map((binding) => ({ ...binding, order })),
        ),
    }),
    [],
  );

  useEffect(() => {
    let pending = "";
    let timer: ReturnType<typeof setTimeout> | undefined;
    const forget = () => {
      pending = "";
      clearTimeout(timer);
    };
    const onKeyDown = (event: KeyboardEvent) => {
      if (event.defaultPrevented || event.isComposing || event.key === undefined) return;
      const name = nameOf(event);
      if (name === null) return;
      const chord = name.startsWith("mod+");
      const blocked = isTyping(event.target) || isDialogOpen();
      const sequence = pending === "" ? name : `${pending} ${name}`;
      const bindings = registry.list().sort((a, b) => b.order - a.order);
      const may = (binding: Registered) => !blocked || (binding.always === true && chord);
      const hit =
        bindings.find((b) => b.keys === sequence && may(b)) ??
        bindings.find((b) => b.keys === name && may(b));
      if (hit !== undefined) {
        if (activates(event, name)) return;
        event.preventDefault();
        forget();
        hit.run();
        return;
      }
      forget();
      if (!blocked && bindings.some((b) => b.keys.startsWith(`${name} `))) {
        pending = name;
        timer = setTimeout(forget, SEQUENCE_MS);
      }
    };
    document.addEventListener("keydown", onKeyDown);
    return () => {
      document.removeEventListener("keydown", onKeyDown);
      forget();
    };
  }, [registry]);

  return <KeysContext.Provider value={registry}>{children}</KeysContext.Provider>;
}

/** Binds keys while the component is mounted; the list may be new on every render. */
export function useKeys(bindings: readonly KeyBinding[]): void {
  const registry = useContext(KeysContext);
  // Taken while rendering: a page is drawn after the shell around it, but its effects run before the shell's.
  const [order] = useState(() => registry?.next() ?? 0);
  const latest = useRef(bindings);
  useEffect(() => {
    latest.current = bindings;
  });
  useEffect(() => registry?.add(order, () => latest.current), [registry, order]);
}

/** All bindings in force, newest last; read once, as by the sheet of keys. */
export function useKeyList(): KeyBinding[] {
  const registry = useContext(KeysContext);
  const [list] = useState(() => registry?.list() ?? []);
  return list;
}

function nameOf(event: KeyboardEvent): string | null {
  if (["Shift", "Control", "Alt", "Meta"].includes(event.key)) return null;
  if (event.altKey) return null;
  if (event.ctrlKey || event.metaKey) return `mod+${event.key.toLowerCase()}`;
  return event.key;
}

/** Enter and Space on a button or link are that element's own. */
function activates(event: KeyboardEvent, name: string): boolean {
  if (name !== "Enter" && name !== " ") return false;
  return (
    event.target instanceof Element &&
    event.target.closest("a[href], button, summary, [role=option]") !== null
  );
}

function isTyping(target: EventTarget | null): boolean {
  if (!(target instanceof HTMLElement)) return false;
  if (target.isContentEditable) return true;
  const field = target.closest("input, textarea, select");
  if (field === null) return false;
  const kind = field.getAttribute("type");
  return !(
    field instanceof HTMLInputElement &&
    (kind === "checkbox" || kind === "radio" || kind === "button")
  );
}

function isDialogOpen(): boolean {
  return (
    document.querySelector("[role=dialog][aria-modal=true], [role=menu], [role=listbox][data-keys]") !== null
  );
}
