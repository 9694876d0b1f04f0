import { Button } from "@mantine/core";
import { notifications } from "@mantine/notifications";
import { ApiProblem } from "@/api/problem";
import classes from "./toast.module.css";

const CLOSE = { "aria-label": "Close the note" };
const SHORT_MS = 4_000;
const UNDO_MS = 8_000;
const PROBLEM_MS = 12_000;

/** Says that something was done. */
export function toast(message: string): void {
  notifications.show({ message, autoClose: SHORT_MS, withBorder: true, closeButtonProps: CLOSE });
}

/** Says that something was done and lets it be undone for 8 s. */
export function undoToast(message: string, undo: () => void | Promise<void>): void {
  linkToast(null, message, { label: "Undo", run: () => void undo() });
}

/** Says that something happened, with one thing to do about it. */
export function linkToast(
  title: string | null,
  message: string,
  action: { label: string; run: () => void },
): void {
  const id = notifications.show({
    ...(title === null ? {} : { title }),
    autoClose: UNDO_MS,
    withBorder: true,
    closeButtonProps: CLOSE,
    message: (
      <span className={classes.withAction}>
        <span className={classes.text}>{message}</span>
        <Button
          className={classes.action}
          size="compact-xs"
          variant="default"
          onClick={() => {
            notifications.hide(id);
            action.run();
          }}
        >
          {action.label}
        </Button>
      </span>
    ),
  });
}

/** Says why something was not done, with the id under which the server's logs know it. */
export function problemToast(title: string, error: unknown): void {
  const detail = error instanceof Error ? error.message : String(error);
  const id = error instanceof ApiProblem ? error.correlationId : null;
  notifications.show({
    title,
    message: id ? `${detail} (correlation id ${id})` : detail,
    color: "red",
    role: "alert",
    autoClose: PROBLEM_MS,
    withBorder: true,
    closeButtonProps: CLOSE,
  });
}
