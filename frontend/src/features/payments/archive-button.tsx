import { useMutation, useQueryClient } from "@tanstack/react-query";
import { Archive, ArchiveRestore } from "lucide-react";
import { api, takeTagged } from "@/api/client";
import { randomId } from "@/api/identifiers";
import { useRefusal } from "@/ui/access/access";
import { GuardedButton } from "@/ui/access/guarded-button";
import { problemToast, toast, undoToast } from "@/ui/toast/toast";
import { type Payment, paymentsKey } from "./use-payment";

/** Archived payments leave the usual list; nothing else about them changes, so it can be undone. */
export function ArchiveButton({ payment }: { payment: Payment }) {
  const refusal = useRefusal("operator");
  const client = useQueryClient();
  const { archived, payment_id: paymentId } = payment.body;
  const change = useMutation({
    mutationFn: ({ archive, etag }: { archive: boolean; etag: string }) => {
      const params = {
        path: { payment_id: paymentId },
        header: { "Idempotency-Key": randomId(), "If-Match": etag },
      };
      return archive
        ? takeTagged(api.POST("/transactions/{payment_id}/archive", { params }))
        : takeTagged(api.POST("/transactions/{payment_id}/unarchive", { params }));
    },
    onSuccess: ({ etag }, { archive }) => {
      if (archive) undoToast("Archived.", () => change.mutate({ archive: false, etag }));
      else toast("Back in the list.");
    },
    onError: (error) => problemToast("The archive was not changed", error),
    onSettled: () => client.invalidateQueries({ queryKey: paymentsKey }),
  });
  const Icon = archived ? ArchiveRestore : Archive;
  return (
    <GuardedButton
      size="xs"
      variant="default"
      refusal={refusal}
      loading={change.isPending}
      leftSection={<Icon size={14} aria-hidden />}
      onClick={() => change.mutate({ archive: !archived, etag: payment.etag })}
    >
      {archived ? "Unarchive" : "Archive"}
    </GuardedButton>
  );
}
