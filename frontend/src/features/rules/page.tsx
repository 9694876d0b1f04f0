import { Button } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { Link } from "react-router";
import { useRefusal } from "@/ui/access/access";
import { GuardedButton } from "@/ui/access/guarded-button";
import { SeverityBadge } from "@/ui/badges/badges";
import { links } from "@/ui/links/links";
import { ListFrame } from "@/ui/list/list-frame";
import { Facts, Section } from "@/ui/page/page-frame";
import { LoadingBlock, ProblemState } from "@/ui/states/states";
import { Time } from "@/ui/time/time";
import { actorWords } from "@/ui/trail/trail";
import classes from "./rule.module.css";
import { fetchRules, RULES_KEY, type Rule, type RulesQuery, ruleOptions } from "./rules";
import { RuleState, rulesList } from "./rules-list";
import { useRuleSwitch } from "./use-rule-switch";

export default function RulesPage() {
  const refusal = useRefusal("operator");
  const create = { size: "xs", refusal } as const;
  return (
    <ListFrame<Rule, RulesQuery>
      title="Rules"
      definition={rulesList}
      queryKey={RULES_KEY}
      rowKey={(rule) => rule.name}
      fetchPage={fetchRules}
      empty={{
        title: "No rules",
        text: "A rule raises an alert for each delivery that its condition holds for.",
      }}
      actions={
        refusal === null ? (
          <Button size="xs" component={Link} to="/rules/new">
            New rule
          </Button>
        ) : (
          <GuardedButton {...create}>New rule</GuardedButton>
        )
      }
      panel={{
        title: (name) => name,
        body: (name) => <RuleBrief name={name} />,
        href: links.rule,
      }}
    />
  );
}

function RuleBrief({ name }: { name: string }) {
  const query = useQuery(ruleOptions(name));
  const refusal = useRefusal("operator");
  const { put, busy } = useRuleSwitch();
  if (query.data === undefined) {
    if (query.isError) return <ProblemState problem={query.error} onRetry={() => void query.refetch()} />;
    return <LoadingBlock height={240} />;
  }
  const rule = query.data;
  return (
    <>
      <div className={classes.buttons}>
        <Button size="compact-xs" component={Link} to={links.rule(name)}>
          {refusal === null ? "Edit and try" : "Read and try"}
        </Button>
        <GuardedButton
          size="compact-xs"
          variant="default"
          refusal={refusal}
          loading={busy}
          onClick={() => void put(rule, !rule.enabled)}
        >
          {rule.enabled ? "Switch off" : "Put in force"}
        </GuardedButton>
        <Button size="compact-xs" variant="default" component={Link} to={links.alerts({ rule: name })}>
          Its alerts
        </Button>
      </div>
      <Facts
        facts={[
          { label: "State", value: <RuleState enabled={rule.enabled} /> },
          { label: "Severity", value: <SeverityBadge severity={rule.severity} /> },
          { label: "Alerts, 24 h", value: rule.alerts_24h.toLocaleString("en-US") },
          { label: "Version", value: String(rule.version) },
          { label: "Changed", value: <Time at={rule.created_at} as="relative" /> },
          { label: "By", value: actorWords(rule.created_by) },
        ]}
      />
      <Section title="Condition">
        {rule.description !== "" && <p className={classes.description}>{rule.description}</p>}
        <pre className={classes.condition}>{rule.condition}</pre>
      </Section>
    </>
  );
}
