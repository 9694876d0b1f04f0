import { Progress } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import type { ReactNode } from "react";
import { Link } from "react-router";
import { links } from "@/ui/links/links";
import { Section } from "@/ui/page/page-frame";
import { LoadingBlock, ProblemState } from "@/ui/states/states";
import { duration } from "@/ui/time/format";
import { budgetLevel, budgetWords } from "./budget-words";
import { type Queue, queueOptions } from "./fleet";
import classes from "./fleet.module.css";

export function QueueSection() {
  const query = useQuery(queueOptions());
  if (query.data === undefined) {
    if (query.isError) return <ProblemState problem={query.error} onRetry={() => void query.refetch()} />;
    return <LoadingBlock height={170} />;
  }
  return <KnownQueue queue={query.data} failed={query.isError ? query.error.message : null} />;
}

function KnownQueue({ queue, failed }: { queue: Queue; failed: string | null }) {
  const budget = queue.in_flight_budget;
  const level = budgetLevel(budget);
  const share = `${(budget.share * 100).toFixed(budget.share < 0.1 ? 1 : 0)} %`;
  return (
    <Section
      title="Queue"
      aside={failed === null ? <code>{queue.name}</code> : <span className={classes.old}>Old: {failed}</span>}
    >
      <dl className={classes.figures}>
        <Figure label="Waiting" value={queue.visible} />
        <Figure label="In flight" value={queue.in_flight} />
        <Figure label="Delayed" value={queue.delayed} />
        <Figure label="Put off, in PostgreSQL" value={queue.deferred.messages} />
        <Figure
          label="Oldest waits"
          text={queue.oldest_age_s === null ? "–" : duration(queue.oldest_age_s)}
        />
        <Figure label="In the dead-letter queue" value={queue.dead_letters_visible}>
          <Link to={links.deadLetters()}>Dead letters</Link>
        </Figure>
      </dl>
      <div className={classes.budget} data-level={level}>
        <span id="budget">
          In-flight budget: {budget.used.toLocaleString("en-US")} of {budget.limit.toLocaleString("en-US")} (
          {share})
        </span>
        <Progress.Root size={6}>
          <Progress.Section
            value={Math.min(100, budget.share * 100)}
            className={classes.used ?? ""}
            aria-labelledby="budget"
            aria-valuetext={share}
          />
        </Progress.Root>
        <span className={classes.forecast}>{budgetWords(budget)}</span>
      </div>
    </Section>
  );
}

interface FigureProps {
  label: string;
  value?: number;
  text?: string;
  children?: ReactNode;
}

function Figure({ label, value, text, children }: FigureProps) {
  return (
    <div>
      <dt>{label}</dt>
      <dd>{text ?? value?.toLocaleString("en-US")}</dd>
      {children !== undefined && <dd className={classes.more}>{children}</dd>}
    </div>
  );
}
