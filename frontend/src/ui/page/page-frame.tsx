import { type ReactNode, useEffect } from "react";
import classes from "./page-frame.module.css";
import { ScrollBox } from "./scroll-box";

interface PageFrameProps {
  title: string;
  /** Beside the title, as the payment's id under "Payment". */
  subtitle?: ReactNode;
  actions?: ReactNode;
  children: ReactNode;
  /** A column on the right, over the page on a phone. */
  panel?: ReactNode;
  /** The page itself does not scroll; something inside it does. */
  fill?: boolean;
}

/** Title, actions and body of a page, in one rhythm. */
export function PageFrame({ title, subtitle, actions, children, panel, fill }: PageFrameProps) {
  useEffect(() => {
    document.title = `${title} · PayFlow`;
  }, [title]);
  return (
    <div className={classes.split}>
      <div className={classes.page} data-fill={fill || undefined}>
        <header className={classes.header}>
          <div className={classes.titles}>
            <h1 className={classes.title}>{title}</h1>
            {subtitle !== undefined && <div className={classes.subtitle}>{subtitle}</div>}
          </div>
          {actions !== undefined && <div className={classes.actions}>{actions}</div>}
        </header>
        {fill ? children : <div className={classes.body}>{children}</div>}
      </div>
      {panel}
    </div>
  );
}

interface SectionProps {
  title: ReactNode;
  aside?: ReactNode;
  children: ReactNode;
  /** Without padding, as for tables that reach the border. */
  flush?: boolean;
}

/** A titled block of a page. */
export function Section({ title, aside, children, flush }: SectionProps) {
  return (
    <section className={classes.section}>
      <header className={classes.sectionHeader}>
        <h2 className={classes.sectionTitle}>{title}</h2>
        {aside !== undefined && <div className={classes.aside}>{aside}</div>}
      </header>
      {flush ? (
        <ScrollBox label={typeof title === "string" ? title : "Table"}>{children}</ScrollBox>
      ) : (
        <div className={classes.sectionBody}>{children}</div>
      )}
    </section>
  );
}

export interface Fact {
  label: string;
  value: ReactNode;
}

/** Labelled values, as many columns as fit. */
export function Facts({ facts }: { facts: readonly Fact[] }) {
  return (
    <dl className={classes.facts}>
      {facts.map((fact) => (
        <div key={fact.label}>
          <dt>{fact.label}</dt>
          <dd>{fact.value}</dd>
        </div>
      ))}
    </dl>
  );
}
