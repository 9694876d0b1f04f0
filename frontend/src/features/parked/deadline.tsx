import { useNow } from "@/ui/time/now";
import { Time } from "@/ui/time/time";
import classes from "./parked.module.css";

const NEAR_MS = 6 * 3_600_000;

/** When the source gives up and the fact becomes an orphan; marked once that is hours away. */
export function Deadline({ at }: { at: string }) {
  const left = Date.parse(at) - useNow();
  return (
    <span className={classes.deadline} data-near={left < NEAR_MS || undefined}>
      <Time at={at} as="relative" />
    </span>
  );
}
