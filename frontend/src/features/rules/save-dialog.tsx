import { useMutation, useQueryClient } from "@tanstack/react-query";
import { useNavigate } from "react-router";
import { ApiProblem } from "@/api/problem";
import { ConfirmDialog } from "@/ui/dialog/confirm";
import { links } from "@/ui/links/links";
import { toast } from "@/ui/toast/toast";
import { Difference } from "./difference";
import classes from "./rule.module.css";
import { createRule, RULES_KEY, type RuleDetail, type RuleDraft, updateRule } from "./rules";

interface SaveDialogProps {
  rule: RuleDetail | null;
  name: string;
  draft: RuleDraft;
  onClose: () => void;
  onSaved: () => void;
}

/** Shows what would change before it is in force for every event that comes. */
export function SaveDialog({ rule, name, draft, onClose, onSaved }: SaveDialogProps) {
  const client = useQueryClient();
  const navigate = useNavigate();
  const save = useMutation({
    mutationFn: () => (rule === null ? createRule(name, draft) : updateRule(rule, draft)),
    onSuccess: (saved) => {
      void client.invalidateQueries({ queryKey: RULES_KEY });
      toast(`${saved.name}, version ${saved.version}, is saved.`);
      onSaved();
      if (rule === null) void navigate(links.rule(saved.name));
    },
  });
  const stale = save.error instanceof ApiProblem && save.error.status === 412;
  const next = (rule?.version ?? 0) + 1;
  return (
    <ConfirmDialog
      opened
      title={rule === null ? `Create ${name}` : `Save ${name} as version ${next}`}
      confirm={rule === null ? "Create the rule" : `Save version ${next}`}
      busy={save.isPending}
      problem={save.error ?? undefined}
      onClose={onClose}
      onConfirm={() => save.mutate()}
    >
      {rule !== null && rule.condition !== draft.condition && (
        <Difference older={rule.condition} newer={draft.condition} label="What changes in the condition" />
      )}
      {rule !== null && rule.severity !== draft.severity && (
        <p className={classes.description}>
          Severity: {rule.severity} → {draft.severity}
        </p>
      )}
      {rule !== null && rule.description !== draft.description && (
        <p className={classes.description}>What it watches: {draft.description}</p>
      )}
      <p className={classes.description}>
        {draft.enabled
          ? "Workers take it over within seconds; events before that were judged by what was in force."
          : "It is off: it raises no alert until it is put in force."}
      </p>
      {stale && (
        <p className={classes.description}>
          Somebody saved another version meanwhile. Close this to see it; what you typed stays.
        </p>
      )}
    </ConfirmDialog>
  );
}
