import { Button, type ButtonProps, Tooltip } from "@mantine/core";
import type { ComponentPropsWithoutRef } from "react";

type GuardedButtonProps = ButtonProps &
  Omit<ComponentPropsWithoutRef<"button">, keyof ButtonProps> & {
    /** Why it cannot be pressed now; null where it can. */
    refusal: string | null;
  };

/** A button that stays in its place when it may not be pressed, can be focused, and says why. */
export function GuardedButton({ refusal, onClick, ...rest }: GuardedButtonProps) {
  const button = (
    <Button
      {...rest}
      data-disabled={refusal !== null || undefined}
      aria-disabled={refusal !== null || undefined}
      onClick={refusal === null ? onClick : (event) => event.preventDefault()}
    />
  );
  if (refusal === null) return button;
  return (
    <Tooltip label={refusal} multiline maw={280} events={{ hover: true, focus: true, touch: true }}>
      {button}
    </Tooltip>
  );
}
