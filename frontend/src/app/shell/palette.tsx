import { Modal, TextInput } from "@mantine/core";
import { CornerDownLeft, Search } from "lucide-react";
import { type KeyboardEvent, useId, useMemo, useState } from "react";
import { useNavigate } from "react-router";
import { session } from "@/api/session";
import { links } from "@/ui/links/links";
import { toggleUtc } from "@/ui/time/zone";
import { navEntries } from "../feature";
import classes from "./palette.module.css";
import { togglePause } from "./use-shell-keys";

interface Command {
  label: string;
  hint?: string;
  run: () => void;
}

/** Ctrl/Cmd+K: go to a page, find a payment by id or words, or do one of a few things. */
export default function Palette({ onClose }: { onClose: () => void }) {
  return (
    <Modal
      opened
      onClose={onClose}
      withCloseButton={false}
      padding={0}
      size={560}
      yOffset="12vh"
      title="Command palette"
      classNames={{ header: classes.hidden ?? "" }}
    >
      <PaletteBody onClose={onClose} />
    </Modal>
  );
}

function PaletteBody({ onClose }: { onClose: () => void }) {
  const [text, setText] = useState("");
  const [place, setPlace] = useState(0);
  const listId = useId();
  const commands = useCommands(text);
  const chosen = commands[Math.min(place, commands.length - 1)];

  const run = (command: Command | undefined) => {
    if (command === undefined) return;
    onClose();
    command.run();
  };
  const onKeyDown = (event: KeyboardEvent) => {
    if (event.key === "ArrowDown") setPlace((place + 1) % Math.max(1, commands.length));
    else if (event.key === "ArrowUp") setPlace((place + commands.length - 1) % Math.max(1, commands.length));
    else if (event.key === "Enter") run(chosen);
    else return;
    event.preventDefault();
  };

  return (
    <>
      <TextInput
        variant="unstyled"
        size="md"
        className={classes.input}
        leftSection={<Search size={16} aria-hidden />}
        placeholder="Page, payment id, or words"
        aria-label="Page, payment id, or words"
        role="combobox"
        aria-expanded
        aria-controls={listId}
        aria-activedescendant={chosen === undefined ? undefined : `${listId}-${commands.indexOf(chosen)}`}
        autoComplete="off"
        spellCheck={false}
        data-autofocus
        value={text}
        onChange={(event) => {
          setText(event.currentTarget.value);
          setPlace(0);
        }}
        onKeyDown={onKeyDown}
      />
      <div role="listbox" id={listId} aria-label="Commands" className={classes.list}>
        {commands.map((command, index) => (
          <div
            key={command.label}
            id={`${listId}-${index}`}
            role="option"
            tabIndex={-1}
            aria-selected={command === chosen}
            className={classes.item}
            onClick={() => run(command)}
            onKeyDown={onKeyDown}
            onMouseMove={() => setPlace(index)}
          >
            <span>{command.label}</span>
            <span className={classes.hint}>
              {command.hint}
              {command === chosen && <CornerDownLeft size={13} aria-hidden />}
            </span>
          </div>
        ))}
      </div>
    </>
  );
}

function useCommands(text: string): Command[] {
  const navigate = useNavigate();
  return useMemo(() => {
    const go = (path: string) => () => void navigate(path);
    const typed = text.trim();
    const pages: Command[] = navEntries().map((entry) => ({
      label: entry.label,
      hint: entry.jump === undefined ? "" : `g ${entry.jump}`,
      run: go(entry.path),
    }));
    const actions: Command[] = [
      { label: "Profile and preferences", run: go(links.profile()) },
      { label: "Pause or resume live updates", hint: "p", run: togglePause },
      { label: "Times in UTC or in your zone", hint: "u", run: toggleUtc },
      { label: "Sign out", run: () => void session.signOut() },
    ];
    const fitting = [...pages, ...actions].filter((each) =>
      each.label.toLowerCase().includes(typed.toLowerCase()),
    );
    if (typed === "") return fitting;
    const payments: Command[] = [
      { label: `Open the payment ${typed}`, hint: "exact id", run: go(links.payment(typed)) },
      { label: `Search payments for “${typed}”`, run: go(links.payments({ text: typed })) },
    ];
    // Something that looks like an id is nearly always one; a word is nearly always a page.
    return /[\d_-]/.test(typed) ? [...payments, ...fitting] : [...fitting, ...payments];
  }, [text, navigate]);
}
