import { useMutation, useQueryClient } from "@tanstack/react-query";
import { useNavigate } from "react-router";
import { ConfirmDialog } from "@/ui/dialog/confirm";
import { links } from "@/ui/links/links";
import { toast } from "@/ui/toast/toast";
import { RULES_KEY, type Rule, retireRule } from "./rules";

export function RetireDialog({ rule, onClose }: { rule: Rule; onClose: () => void }) {
  const client = useQueryClient();
  const navigate = useNavigate();
  const retire = useMutation({
    mutationFn: () => retireRule(rule),
    onSuccess: () => {
      void client.invalidateQueries({ queryKey: RULES_KEY });
      toast(`${rule.name} is retired.`);
      void navigate(links.rules());
    },
  });
  return (
    <ConfirmDialog
      opened
      title={`Retire ${rule.name}`}
      confirm="Retire the rule"
      danger
      busy={retire.isPending}
      problem={retire.error ?? undefined}
      onClose={onClose}
      onConfirm={() => retire.mutate()}
    >
      <p>
        It raises no more alerts and leaves the list. Its versions and alerts stay, and its name is not given
        again. To stop it for a while, switch it off instead.
      </p>
    </ConfirmDialog>
  );
}
