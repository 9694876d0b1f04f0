import { Button, Group, Modal, Stack } from "@mantine/core";
import type { FormEvent, ReactNode } from "react";
import { ApiProblem } from "@/api/problem";
import classes from "./confirm.module.css";

interface ConfirmDialogProps {
  opened: boolean;
  title: string;
  children: ReactNode;
  /** The verb on the button: "Refund 12.00 EUR", never "OK". */
  confirm: string;
  danger?: boolean;
  busy?: boolean;
  /** What is missing before it may be confirmed; null where nothing is. */
  missing?: string | null;
  problem?: unknown;
  onConfirm: () => void;
  onClose: () => void;
}

/** Asks once more, in the words of what will happen. */
export function ConfirmDialog(props: ConfirmDialogProps) {
  const submit = (event: FormEvent) => {
    event.preventDefault();
    if (!props.busy && (props.missing ?? null) === null) props.onConfirm();
  };
  return (
    <Modal
      opened={props.opened}
      onClose={props.onClose}
      title={props.title}
      lockScroll={false}
      size={480}
      closeButtonProps={{ "aria-label": "Close" }}
    >
      <form onSubmit={submit}>
        <Stack gap="sm">
          {props.children}
          {props.problem ? <ProblemLine problem={props.problem} /> : null}
          <Group justify="flex-end" gap="xs">
            {props.missing ? <span className={classes.missing}>{props.missing}</span> : null}
            <Button variant="default" size="sm" onClick={props.onClose}>
              Cancel
            </Button>
            <Button
              type="submit"
              size="sm"
              color={props.danger ? "red" : undefined}
              loading={props.busy ?? false}
              disabled={(props.missing ?? null) !== null}
            >
              {props.confirm}
            </Button>
          </Group>
        </Stack>
      </form>
    </Modal>
  );
}

/** A refusal inside a form: the detail, the faults that belong to no field here, the correlation id. */
export function ProblemLine({ problem, fields = [] }: { problem: unknown; fields?: readonly string[] }) {
  const known = problem instanceof ApiProblem ? problem : null;
  const loose = known?.faults.filter((fault) => !fields.some((field) => fault.pointer === `/${field}`)) ?? [];
  return (
    <div className={classes.problem} role="alert">
      <strong>{known?.title ?? "It did not work"}</strong>
      <p>{problem instanceof Error ? problem.message : String(problem)}</p>
      {loose.map((fault) => (
        <p key={fault.pointer + fault.detail}>
          <code>{fault.pointer}</code> {fault.detail}
        </p>
      ))}
      {known?.correlationId ? (
        <p className={classes.correlation}>Correlation id {known.correlationId}</p>
      ) : null}
    </div>
  );
}
