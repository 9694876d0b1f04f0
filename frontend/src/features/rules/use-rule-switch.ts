import { useMutation, useQueryClient } from "@tanstack/react-query";
import { problemToast, undoToast } from "@/ui/toast/toast";
import { RULES_KEY, type Rule, switchRule } from "./rules";

type Switched = Pick<Rule, "name" | "etag">;

/** Puts a rule in force or out of it, and lets that be undone. */
export function useRuleSwitch() {
  const client = useQueryClient();
  const change = useMutation({
    mutationFn: ({ rule, on }: { rule: Switched; on: boolean }) => switchRule(rule, on),
    onSettled: () => client.invalidateQueries({ queryKey: RULES_KEY }),
  });
  const put = async (rule: Switched, on: boolean): Promise<void> => {
    try {
      const after = await change.mutateAsync({ rule, on });
      undoToast(`${rule.name} is ${on ? "in force" : "off"}`, () => put(after, !on));
    } catch (error) {
      problemToast(`${rule.name} is as it was`, error);
    }
  };
  return { put, busy: change.isPending };
}
