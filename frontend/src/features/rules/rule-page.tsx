import { useQuery } from "@tanstack/react-query";
import { useState } from "react";
import { useParams } from "react-router";
import { useRefusal } from "@/ui/access/access";
import { GuardedButton } from "@/ui/access/guarded-button";
import { PageFrame } from "@/ui/page/page-frame";
import { LoadingBlock, ProblemState } from "@/ui/states/states";
import { RetireDialog } from "./retire-dialog";
import { RuleWorkbench } from "./rule-workbench";
import { type RuleDetail, ruleOptions } from "./rules";
import { RuleState } from "./rules-list";
import { useRuleSwitch } from "./use-rule-switch";

export default function RulePage() {
  const { name = "" } = useParams();
  const query = useQuery(ruleOptions(name));
  if (query.data !== undefined) return <KnownRule rule={query.data} />;
  return (
    <PageFrame title={name}>
      {query.isError ? (
        <ProblemState problem={query.error} onRetry={() => void query.refetch()} />
      ) : (
        <LoadingBlock height={420} />
      )}
    </PageFrame>
  );
}

function KnownRule({ rule }: { rule: RuleDetail }) {
  const refusal = useRefusal("operator");
  const adminRefusal = useRefusal("admin");
  const [retiring, setRetiring] = useState(false);
  const { put, busy } = useRuleSwitch();
  return (
    <PageFrame
      title={rule.name}
      subtitle={
        <>
          Version {rule.version} · <RuleState enabled={rule.enabled} />
        </>
      }
      actions={
        <>
          <GuardedButton
            size="xs"
            variant="default"
            refusal={refusal}
            loading={busy}
            onClick={() => void put(rule, !rule.enabled)}
          >
            {rule.enabled ? "Switch off" : "Put in force"}
          </GuardedButton>
          <GuardedButton size="xs" variant="default" refusal={adminRefusal} onClick={() => setRetiring(true)}>
            Retire
          </GuardedButton>
        </>
      }
    >
      <RuleWorkbench rule={rule} />
      {retiring && <RetireDialog rule={rule} onClose={() => setRetiring(false)} />}
    </PageFrame>
  );
}
