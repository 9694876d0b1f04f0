import { Textarea } from "@mantine/core";
import { useMutation, useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import { api, take } from "@/api/client";
import { type ExactJson, ExactNumber, parseExact, printExact } from "@/api/exact-json";
import { randomId } from "@/api/identifiers";
import { ApiProblem } from "@/api/problem";
import { useRefusal } from "@/ui/access/access";
import { GuardedButton } from "@/ui/access/guarded-button";
import { ConfirmDialog, ProblemLine } from "@/ui/dialog/confirm";
import { JsonView } from "@/ui/json/json-view";
import { Section } from "@/ui/page/page-frame";
import { toast } from "@/ui/toast/toast";
import { type Payment, paymentsKey } from "./use-payment";

export function Metadata({ payment }: { payment: Payment }) {
  const [open, setOpen] = useState(false);
  const refusal = useRefusal("operator");
  const { metadata } = payment.body;
  return (
    <Section
      title="Metadata"
      aside={
        <GuardedButton size="compact-xs" variant="default" refusal={refusal} onClick={() => setOpen(true)}>
          Edit
        </GuardedButton>
      }
    >
      {metadata === null ? <span>None.</span> : <JsonView value={metadata} label="the metadata" />}
      {open && <MetadataDialog payment={payment} onClose={() => setOpen(false)} />}
    </Section>
  );
}

export type MetadataObject = Record<string, string | number | boolean>;

/** The object that a text says, or what is wrong with it. Numbers that JSON in a browser would round are refused. */
export function readMetadata(text: string): { value: MetadataObject } | { fault: string } {
  let read: ExactJson;
  try {
    read = parseExact(text);
  } catch (error) {
    return { fault: error instanceof Error ? error.message : String(error) };
  }
  if (typeof read !== "object" || read === null || Array.isArray(read) || read instanceof ExactNumber) {
    return { fault: 'Metadata is one object, like {"order": "A-17"}.' };
  }
  const value: MetadataObject = {};
  for (const [key, each] of Object.entries(read)) {
    if (each instanceof ExactNumber) {
      return { fault: `Write ${each.digits} as a string: as a number it would be rounded.` };
    }
    if (typeof each === "object") return { fault: `“${key}” has to be a string, a number, true or false.` };
    value[key] = each;
  }
  return { value };
}

function MetadataDialog({ payment, onClose }: { payment: Payment; onClose: () => void }) {
  const [text, setText] = useState(printExact(payment.body.metadata ?? {}));
  const client = useQueryClient();
  const read = readMetadata(text);
  const save = useMutation({
    mutationFn: (metadata: MetadataObject) =>
      take(
        api.PATCH("/transactions/{payment_id}", {
          params: {
            path: { payment_id: payment.body.payment_id },
            header: { "Idempotency-Key": randomId(), "If-Match": payment.etag },
          },
          body: { metadata },
        }),
      ),
    onSuccess: () => {
      toast("Metadata saved.");
      onClose();
    },
    onSettled: () => client.invalidateQueries({ queryKey: paymentsKey }),
  });
  const moved = save.error instanceof ApiProblem && save.error.code === "precondition_failed";
  return (
    <ConfirmDialog
      opened
      title="Metadata"
      confirm="Save the metadata"
      busy={save.isPending}
      missing={"fault" in read ? " " : null}
      onConfirm={() => "value" in read && save.mutate(read.value)}
      onClose={onClose}
    >
      <Textarea
        label="JSON object"
        aria-label="Metadata as a JSON object"
        autosize
        minRows={6}
        maxRows={16}
        spellCheck={false}
        value={text}
        error={
          "fault" in read
            ? read.fault
            : save.error instanceof ApiProblem
              ? save.error.fault("metadata")
              : undefined
        }
        styles={{ input: { fontFamily: "var(--pf-mono)", fontSize: "var(--pf-text-s)" } }}
        onChange={(event) => setText(event.currentTarget.value)}
      />
      {save.error !== null && (
        <ProblemLine
          problem={
            moved
              ? new Error("The payment changed meanwhile. Save again to keep your text over it.")
              : save.error
          }
          fields={["metadata"]}
        />
      )}
    </ConfirmDialog>
  );
}
