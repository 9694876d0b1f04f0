import { Button, TextInput } from "@mantine/core";
import { useDebouncedValue } from "@mantine/hooks";
import { useState } from "react";
import { ApiProblem } from "@/api/problem";
import { ConfirmDialog, ProblemLine } from "@/ui/dialog/confirm";
import { AmountField } from "@/ui/money/amount-field";
import { formatMinor, parseAmount, plainMinor } from "@/ui/money/money";
import { toast } from "@/ui/toast/toast";
import { boundOf, type CommandText } from "./commands";
import { PlanTable } from "./plan-table";
import { type CommandRequest, useCommand, useDryRun } from "./use-command";
import type { Payment } from "./use-payment";

interface CommandDialogProps {
  command: CommandText;
  payment: Payment;
  onClose: () => void;
}

const TYPING_MS = 250;

/** Amount and reason, what would change according to the server, and one button that says what it does. */
export function CommandDialog({ command, payment, onClose }: CommandDialogProps) {
  const { body, etag } = payment;
  const currency = body.currency ?? "";
  const bound = boundOf(command, body);
  const [text, setText] = useState(bound === null ? "" : plainMinor(bound, body.exponent));
  const [reason, setReason] = useState("");
  const amount = command.bound === null ? null : parseAmount(text, body.exponent);
  const minor = amount !== null && "minor" in amount ? amount.minor : null;
  const valid = command.bound === null || (minor !== null && bound !== null && minor <= bound);
  const request: CommandRequest | null = valid
    ? { kind: command.kind, paymentId: body.payment_id, etag, amountMinor: minor, reason: reason.trim() }
    : null;
  const [settled] = useDebouncedValue(request, TYPING_MS);
  const current =
    request !== null && settled?.amountMinor === request.amountMinor && settled.etag === request.etag;
  const plan = useDryRun(current ? settled : null);
  const give = useCommand(() => {
    const what = minor === null ? "" : ` of ${formatMinor(minor, body.exponent)} ${currency}`;
    toast(`${command.label}${what} asked for. The provider's answer will show in the timeline.`);
    onClose();
  });

  const change = (value: string) => {
    setText(value);
    give.reset();
  };
  const moved = give.error instanceof ApiProblem && give.error.code === "precondition_failed";
  const problem = give.error ?? plan.error;
  const missing = !valid ? "" : plan.data === undefined || !current ? "Working out what would change." : null;
  const label =
    minor === null ? command.label : `${command.label} ${formatMinor(minor, body.exponent)} ${currency}`;

  return (
    <ConfirmDialog
      opened
      title={`${command.label} ${body.payment_id}`}
      confirm={valid ? label : command.label}
      danger={command.danger}
      busy={give.isPending}
      missing={missing === "" ? " " : missing}
      onConfirm={() => request !== null && give.mutate(request)}
      onClose={onClose}
    >
      <p style={{ margin: 0 }}>{command.explains}</p>
      {command.bound !== null && bound !== null && (
        <AmountField
          label="Amount"
          autofocus
          text={text}
          onText={change}
          currency={currency}
          exponent={body.exponent}
          limit={{ minor: bound, name: command.boundName }}
          fault={problem instanceof ApiProblem ? problem.fault("amount_minor") : undefined}
          description={
            <>
              {formatMinor(bound, body.exponent)} {currency} {command.boundName}.{" "}
              <Button
                variant="transparent"
                size="compact-xs"
                px={2}
                onClick={() => change(plainMinor(bound, body.exponent))}
              >
                All of it
              </Button>
            </>
          }
        />
      )}
      <TextInput
        label="Reason"
        data-autofocus={command.bound === null || undefined}
        description="Kept in the audit log."
        maxLength={200}
        value={reason}
        error={problem instanceof ApiProblem ? problem.fault("reason") : undefined}
        onChange={(event) => setReason(event.currentTarget.value)}
      />
      {plan.data !== undefined && current && <PlanTable outcome={plan.data} payment={body} />}
      {moved ? (
        <ProblemLine
          problem={
            new Error(
              "It changed while you looked. Above is what would happen now; confirm again if that is right.",
            )
          }
        />
      ) : (
        problem !== null && <ProblemLine problem={problem} fields={["amount_minor", "reason"]} />
      )}
    </ConfirmDialog>
  );
}
