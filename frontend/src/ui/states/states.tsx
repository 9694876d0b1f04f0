import { Button, Skeleton } from "@mantine/core";
import { CircleAlert, Inbox, Lock, SearchX, WifiOff } from "lucide-react";
import type { ReactNode } from "react";
import { ApiProblem } from "@/api/problem";
import { CopyButton } from "@/ui/copy/copy-button";
import classes from "./states.module.css";

interface StateProps {
  icon: ReactNode;
  title: string;
  children?: ReactNode;
  action?: { label: string; run: () => void };
  alert?: boolean;
}

function State({ icon, title, children, action, alert }: StateProps) {
  return (
    <div className={classes.state} role={alert ? "alert" : undefined}>
      <span className={classes.icon} aria-hidden>
        {icon}
      </span>
      <h2 className={classes.title}>{title}</h2>
      {children !== undefined && <div className={classes.text}>{children}</div>}
      {action !== undefined && (
        <Button variant="default" size="xs" onClick={action.run}>
          {action.label}
        </Button>
      )}
    </div>
  );
}

export function EmptyState(props: {
  title: string;
  children?: ReactNode;
  action?: { label: string; run: () => void };
}) {
  return <State icon={<Inbox size={22} strokeWidth={1.5} />} {...props} />;
}

/** Told instead of an empty page, so that nobody looks for what their role does not show. */
export function ForbiddenState({ children }: { children?: ReactNode }) {
  return (
    <State icon={<Lock size={22} strokeWidth={1.5} />} title="Your role does not show this">
      {children ?? "An administrator can change your role under Users."}
    </State>
  );
}

/** What a failed call looks like: refused, not found, unreachable or broken, each in its own words. */
export function ProblemState({ problem, onRetry }: { problem: unknown; onRetry?: () => void }) {
  const known = problem instanceof ApiProblem ? problem : null;
  if (known?.status === 403) return <ForbiddenState>{known.message}</ForbiddenState>;
  const retry = onRetry === undefined ? {} : { action: { label: "Try again", run: onRetry } };
  if (known?.status === 404) {
    return (
      <State alert icon={<SearchX size={22} strokeWidth={1.5} />} title="Not found">
        {known.message}
      </State>
    );
  }
  const offline = known?.status === 0;
  return (
    <State
      alert
      icon={offline ? <WifiOff size={22} strokeWidth={1.5} /> : <CircleAlert size={22} strokeWidth={1.5} />}
      title={known?.title ?? "Something in the console broke"}
      {...retry}
    >
      <p>{problem instanceof Error ? problem.message : String(problem)}</p>
      {known?.correlationId ? (
        <p className={classes.correlation}>
          Correlation id <code>{known.correlationId}</code>
          <CopyButton value={known.correlationId} label="Copy the correlation id" />
        </p>
      ) : null}
    </State>
  );
}

const ROWS = Array.from({ length: 12 }, (_, index) => `row-${index}`);

export function LoadingRows() {
  return (
    <div className={classes.rows} role="status" aria-label="Loading">
      {ROWS.map((row) => (
        <Skeleton key={row} height={12} radius="sm" />
      ))}
    </div>
  );
}

export function LoadingBlock({ height = 160 }: { height?: number }) {
  return (
    <div role="status" aria-label="Loading">
      <Skeleton height={height} radius="sm" />
    </div>
  );
}
