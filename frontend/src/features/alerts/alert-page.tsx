import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import { useNavigate, useParams } from "react-router";
import { useRefusal } from "@/ui/access/access";
import { GuardedButton } from "@/ui/access/guarded-button";
import { ConfirmDialog } from "@/ui/dialog/confirm";
import { links } from "@/ui/links/links";
import { PageFrame } from "@/ui/page/page-frame";
import { toast } from "@/ui/toast/toast";
import { AlertBody } from "./alert-body";
import { ALERTS_KEY, alertOptions, deleteAlert } from "./alerts";
import { TriageDialogs } from "./triage-dialogs";
import { TriageKeys } from "./triage-keys";
import { useAlertNews } from "./use-alert-news";
import { useTriage } from "./use-triage";

export default function AlertPage() {
  const { alertId = "" } = useParams();
  const client = useQueryClient();
  const navigate = useNavigate();
  const desk = useTriage();
  const refusal = useRefusal("admin");
  const [deleting, setDeleting] = useState(false);
  const alert = useQuery(alertOptions(alertId)).data;
  useAlertNews();
  const remove = useMutation({
    mutationFn: () => (alert === undefined ? Promise.resolve() : deleteAlert(alert)),
    onSuccess: () => {
      void client.invalidateQueries({ queryKey: [...ALERTS_KEY, "list"] });
      toast("The alert is deleted; the audit log keeps what it said.");
      void navigate(links.alerts());
    },
  });
  return (
    <PageFrame
      title={alert?.title ?? "Alert"}
      subtitle={`Alert ${alertId}`}
      actions={
        alert !== undefined && (
          <GuardedButton size="xs" variant="default" refusal={refusal} onClick={() => setDeleting(true)}>
            Delete
          </GuardedButton>
        )
      }
    >
      <AlertBody alertId={alertId} desk={desk} />
      <TriageKeys desk={desk} targets={() => (alert === undefined ? [] : [alert])} />
      <TriageDialogs desk={desk} />
      <ConfirmDialog
        opened={deleting}
        title="Delete this alert"
        confirm="Delete the alert"
        danger
        busy={remove.isPending}
        problem={remove.error ?? undefined}
        onClose={() => setDeleting(false)}
        onConfirm={() => remove.mutate()}
      >
        <p>
          It leaves all lists. What it said and who deleted it stays in the audit log. Resolve it instead if
          it was real.
        </p>
      </ConfirmDialog>
    </PageFrame>
  );
}
