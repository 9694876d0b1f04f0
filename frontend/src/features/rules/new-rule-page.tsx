import { PageFrame } from "@/ui/page/page-frame";
import { RuleWorkbench } from "./rule-workbench";

export default function NewRulePage() {
  return (
    <PageFrame title="New rule">
      <RuleWorkbench rule={null} />
    </PageFrame>
  );
}
