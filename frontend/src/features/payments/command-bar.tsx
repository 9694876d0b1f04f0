import { useState } from "react";
import { useRefusal } from "@/ui/access/access";
import { GuardedButton } from "@/ui/access/guarded-button";
import { useKeys } from "@/ui/keys/keys";
import { Section } from "@/ui/page/page-frame";
import classes from "./command-bar.module.css";
import { CommandDialog } from "./command-dialog";
import { COMMANDS, type CommandText, commandRefusal } from "./commands";
import type { Payment } from "./use-payment";

/** All four commands, always in the same place; those that cannot be given say why. */
export function CommandBar({ payment }: { payment: Payment }) {
  const [open, setOpen] = useState<CommandText | null>(null);
  const roleRefusal = useRefusal("operator");
  const { allowed_commands: allowed, refusals } = payment.body;
  const rows = COMMANDS.map((command) => ({
    command,
    refusal: commandRefusal(command, allowed, refusals as Record<string, string>, roleRefusal),
  }));
  useKeys(
    rows
      .filter((row) => row.refusal === null)
      .map(({ command }) => ({
        keys: command.key,
        label: command.label,
        group: "Payment",
        run: () => setOpen(command),
      })),
  );
  const refused = rows.filter((row) => row.refusal !== null);
  return (
    <Section title="Commands">
      <div className={classes.buttons}>
        {rows.map(({ command, refusal }) => (
          <GuardedButton
            key={command.kind}
            size="xs"
            variant={refusal === null ? "light" : "default"}
            refusal={refusal}
            onClick={() => setOpen(command)}
          >
            {command.label}
          </GuardedButton>
        ))}
      </div>
      {roleRefusal !== null ? (
        <p className={classes.why}>{roleRefusal}</p>
      ) : (
        refused.length > 0 && (
          <ul className={classes.why}>
            {refused.map(({ command, refusal }) => (
              <li key={command.kind}>
                <span>{command.label}</span> {refusal}
              </li>
            ))}
          </ul>
        )
      )}
      {open !== null && <CommandDialog command={open} payment={payment} onClose={() => setOpen(null)} />}
    </Section>
  );
}
