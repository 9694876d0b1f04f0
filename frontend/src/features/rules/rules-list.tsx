import { Badge, SeverityBadge } from "@/ui/badges/badges";
import { Code } from "@/ui/copy/identifier";
import { defineList } from "@/ui/list/definition";
import { Time } from "@/ui/time/time";
import { actorWords } from "@/ui/trail/trail";
import type { Rule, RulesQuery } from "./rules";

export function RuleState({ enabled }: { enabled: boolean }) {
  return enabled ? (
    <Badge tone="good" glyph="full">
      In force
    </Badge>
  ) : (
    <Badge tone="mute" glyph="dashed">
      Off
    </Badge>
  );
}

export const rulesList = defineList<RulesQuery>()<Rule>({
  name: "rules",
  fields: {},
  words: null,
  sorts: [],
  defaultSort: "",
  columns: [
    {
      id: "name",
      label: "Rule",
      initial: true,
      rank: 1,
      cell: (rule) => rule.name,
      text: (rule) => rule.name,
    },
    {
      id: "state",
      label: "State",
      initial: true,
      rank: 1,
      cell: (rule) => <RuleState enabled={rule.enabled} />,
      text: (rule) => (rule.enabled ? "in force" : "off"),
    },
    {
      id: "severity",
      label: "Severity",
      initial: true,
      rank: 1,
      cell: (rule) => <SeverityBadge severity={rule.severity} />,
      text: (rule) => rule.severity,
    },
    {
      id: "alerts",
      label: "Alerts, 24 h",
      initial: true,
      rank: 2,
      align: "end",
      cell: (rule) => rule.alerts_24h.toLocaleString("en-US"),
      text: (rule) => String(rule.alerts_24h),
    },
    {
      id: "description",
      label: "What it watches",
      initial: true,
      rank: 3,
      cell: (rule) => rule.description,
      text: (rule) => rule.description,
    },
    {
      id: "condition",
      label: "Condition",
      initial: false,
      rank: 3,
      cell: (rule) => <Code>{rule.condition.replaceAll(/\s+/g, " ")}</Code>,
      text: (rule) => rule.condition,
    },
    {
      id: "version",
      label: "Version",
      initial: true,
      rank: 3,
      align: "end",
      cell: (rule) => rule.version,
      text: (rule) => String(rule.version),
    },
    {
      id: "created_by",
      label: "By",
      initial: false,
      rank: 3,
      cell: (rule) => actorWords(rule.created_by),
      text: (rule) => rule.created_by,
    },
    {
      id: "created_at",
      label: "Changed",
      initial: true,
      rank: 2,
      align: "end",
      cell: (rule) => <Time at={rule.created_at} />,
      text: (rule) => rule.created_at,
    },
  ],
});
