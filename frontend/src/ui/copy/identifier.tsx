import { CopyButton } from "./copy-button";
import classes from "./identifier.module.css";

/** An id in its own type, with a button that copies it. */
export function Identifier({ value, what }: { value: string; what: string }) {
  return (
    <span className={classes.identifier}>
      <code title={value}>{value}</code>
      <CopyButton value={value} label={`Copy the ${what}`} />
    </span>
  );
}

/** The same without the button, for rows of a table. */
export function Code({ children }: { children: string }) {
  return (
    <code className={classes.code} title={children}>
      {children}
    </code>
  );
}
