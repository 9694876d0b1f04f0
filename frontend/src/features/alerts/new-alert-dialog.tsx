import { SegmentedControl, Textarea, TextInput } from "@mantine/core";
import { useMutation, useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import { useNavigate } from "react-router";
import { ApiProblem } from "@/api/problem";
import type { Alert } from "@/api/types";
import { choicesOf, SEVERITIES } from "@/ui/badges/badges";
import { ConfirmDialog } from "@/ui/dialog/confirm";
import { links } from "@/ui/links/links";
import { toast } from "@/ui/toast/toast";
import { ALERTS_KEY, createAlert } from "./alerts";

const FIELDS = ["title", "description", "payment_id"] as const;

/** An alert by hand: somebody saw what no rule sees. */
export function NewAlertDialog({ onClose }: { onClose: () => void }) {
  const client = useQueryClient();
  const navigate = useNavigate();
  const [severity, setSeverity] = useState<Alert["severity"]>("warning");
  const [text, setText] = useState({ title: "", description: "", payment_id: "" });
  const create = useMutation({
    mutationFn: () => {
      const { title, description, payment_id: payment } = text;
      const named = payment.trim() === "" ? {} : { payment_id: payment.trim() };
      return createAlert({ severity, title: title.trim(), description: description.trim(), ...named });
    },
    onSuccess: (alert) => {
      void client.invalidateQueries({ queryKey: ALERTS_KEY });
      toast("The alert is open.");
      onClose();
      void navigate(links.alert(alert.alert_id));
    },
  });
  const fault = (field: string) =>
    create.error instanceof ApiProblem ? create.error.fault(field) : undefined;
  const put = (field: (typeof FIELDS)[number]) => (event: { currentTarget: { value: string } }) => {
    const { value } = event.currentTarget;
    setText((before) => ({ ...before, [field]: value }));
  };
  return (
    <ConfirmDialog
      opened
      title="New alert"
      confirm="Create the alert"
      missing={text.title.trim() === "" ? "It needs a title." : null}
      busy={create.isPending}
      problem={
        create.isError && FIELDS.every((field) => fault(field) === undefined) ? create.error : undefined
      }
      onClose={onClose}
      onConfirm={() => create.mutate()}
    >
      <TextInput
        label="Title"
        required
        data-autofocus
        maxLength={200}
        value={text.title}
        error={fault("title")}
        onChange={put("title")}
      />
      <SegmentedControl
        aria-label="Severity"
        size="xs"
        value={severity}
        onChange={(value) => setSeverity(value as Alert["severity"])}
        data={choicesOf(SEVERITIES)}
      />
      <Textarea
        label="What happened"
        autosize
        minRows={3}
        maxRows={8}
        maxLength={2_000}
        value={text.description}
        error={fault("description")}
        onChange={put("description")}
      />
      <TextInput
        label="Payment"
        description="The id of the payment that it is about, if any."
        spellCheck={false}
        value={text.payment_id}
        error={fault("payment_id")}
        onChange={put("payment_id")}
      />
    </ConfirmDialog>
  );
}
