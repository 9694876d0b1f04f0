import { useQuery } from "@tanstack/react-query";
import type { ReactNode } from "react";
import { Link } from "react-router";
import { Badge, type Tone } from "@/ui/badges/badges";
import type { GlyphName } from "@/ui/badges/glyph";
import { links } from "@/ui/links/links";
import { Facts, PageFrame, Section } from "@/ui/page/page-frame";
import { LoadingBlock, ProblemState } from "@/ui/states/states";
import { Time } from "@/ui/time/time";
import { aheadMs, type Dependency, healthOptions } from "./health";
import classes from "./health.module.css";

const STATES: Readonly<Record<string, { label: string; tone: Tone; glyph: GlyphName }>> = {
  ok: { label: "Works", tone: "good", glyph: "full" },
  degraded: { label: "Degraded", tone: "warn", glyph: "half" },
  down: { label: "Away", tone: "bad", glyph: "cross" },
};

const DEPENDENCIES: Readonly<Record<string, { label: string; without: string }>> = {
  postgres: { label: "PostgreSQL", without: "Nothing is read or applied until it is back; nothing is lost." },
  replica: { label: "PostgreSQL replica", without: "Lists are read from the primary." },
  redis: { label: "Redis", without: "Everything goes on, slower: no cache, limits counted by each process." },
  sqs: { label: "SQS", without: "No events come in, and no commands go out; they wait." },
};

/** Clocks further apart than this make times on the pages look wrong. */
const CLOCK_MS_MAX = 2_000;

export default function HealthPage() {
  const query = useQuery(healthOptions());
  return (
    <PageFrame title="System health">
      {query.data === undefined ? (
        query.isError ? (
          <ProblemState problem={query.error} onRetry={() => void query.refetch()} />
        ) : (
          <LoadingBlock height={320} />
        )
      ) : (
        <Known {...query.data} failed={query.isError ? query.error.message : null} />
      )}
    </PageFrame>
  );
}

type Answered = NonNullable<Awaited<ReturnType<NonNullable<ReturnType<typeof healthOptions>["queryFn"]>>>>;

function Known({ health, askedAt, answeredAt, failed }: Answered & { failed: string | null }) {
  const ahead = aheadMs(health.time, askedAt, answeredAt);
  return (
    <>
      {failed !== null && (
        <p className={classes.stale} role="alert">
          This is old: {failed}
        </p>
      )}
      <Section title="The API" aside={<Time at={health.time} as="full" />}>
        <Facts
          facts={[
            { label: "State", value: <StateBadge status={health.status} /> },
            { label: "Version", value: health.version },
            { label: "This call", value: `${Math.round(answeredAt - askedAt)} ms` },
            { label: "Clock against this browser's", value: <Clock aheadMs={ahead} /> },
          ]}
        />
      </Section>
      <div className={classes.dependencies}>
        {Object.entries(health.dependencies).map(([name, dependency]) => (
          <DependencyCard key={name} name={name} dependency={dependency} />
        ))}
      </div>
      <Section title="Elsewhere">
        <dl className={classes.links}>
          <Elsewhere to={<Link to={links.fleet()}>Queue and fleet</Link>}>
            each worker, its breakers and versions
          </Elsewhere>
          <Elsewhere to={<a href="/api/docs">API documentation</a>}>
            every operation, and what each problem means
          </Elsewhere>
          <Elsewhere to={<a href="/api/v1/openapi.json">OpenAPI document</a>}>
            for generators and contract tests
          </Elsewhere>
          <Elsewhere to={<a href="/metrics">Metrics</a>}>for Prometheus</Elsewhere>
          <Elsewhere to={<a href="/readyz">Readiness</a>}>what the load balancer asks</Elsewhere>
        </dl>
      </Section>
    </>
  );
}

function StateBadge({ status }: { status: string }) {
  const known = STATES[status];
  return (
    <Badge tone={known?.tone ?? "mute"} glyph={known?.glyph ?? "ring"}>
      {known?.label ?? status}
    </Badge>
  );
}

function DependencyCard({ name, dependency }: { name: string; dependency: Dependency }) {
  const known = DEPENDENCIES[name];
  return (
    <Section title={known?.label ?? name} aside={<StateBadge status={dependency.status} />}>
      <p className={classes.latency}>
        {dependency.latency_ms === null ? "–" : `${formatMs(dependency.latency_ms)} ms`}
      </p>
      {dependency.detail && <p className={classes.detail}>{dependency.detail}</p>}
      {dependency.status !== "ok" && known !== undefined && (
        <p className={classes.without}>{known.without}</p>
      )}
    </Section>
  );
}

function formatMs(milliseconds: number): string {
  return milliseconds < 10 ? milliseconds.toFixed(1) : Math.round(milliseconds).toLocaleString("en-US");
}

function Clock({ aheadMs: ahead }: { aheadMs: number }) {
  const apart = Math.abs(ahead);
  if (apart < CLOCK_MS_MAX) return "The same";
  return (
    <span className={classes.apart}>
      {(apart / 1_000).toFixed(1)} s {ahead > 0 ? "ahead" : "behind"}: “ago” is off by that much
    </span>
  );
}

function Elsewhere({ to, children }: { to: ReactNode; children: ReactNode }) {
  return (
    <div>
      <dt>{to}</dt>
      <dd>{children}</dd>
    </div>
  );
}
