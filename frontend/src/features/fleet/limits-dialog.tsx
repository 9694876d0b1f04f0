import { ActionIcon, Button, TextInput } from "@mantine/core";
import { useMutation, useQueryClient } from "@tanstack/react-query";
import { X } from "lucide-react";
import { useState } from "react";
import { ConfirmDialog } from "@/ui/dialog/confirm";
import { toast } from "@/ui/toast/toast";
import { FLEET_KEY, type FleetLimits, setLimits } from "./fleet";
import classes from "./fleet.module.css";
import { checked, draftOf, type LimitsDraft, MERCHANTS_MAX } from "./limits-draft";

const FIELDS = [
  { name: "rate_per_s", label: "Deliveries a second, all workers together" },
  { name: "batch_size_max", label: "Events a batch, at most" },
  { name: "concurrency_max", label: "Lanes of a worker that work at once, at most" },
] as const;

export function LimitsDialog({ limits, onClose }: { limits: FleetLimits; onClose: () => void }) {
  const client = useQueryClient();
  const [draft, setDraft] = useState<LimitsDraft>(() => draftOf(limits));
  const { limits: wanted, faults } = checked(draft);
  const unchanged = JSON.stringify(draftOf(limits)) === JSON.stringify(draft);
  const save = useMutation({
    mutationFn: (next: FleetLimits) => setLimits(next),
    onSuccess: () => {
      toast("The limits are set; workers obey within a second or two.");
      onClose();
    },
    onSettled: () => client.invalidateQueries({ queryKey: FLEET_KEY }),
  });
  const missing = wanted === null ? "Something is not a limit." : unchanged ? "Nothing was changed." : null;
  return (
    <ConfirmDialog
      opened
      title="Limits of the fleet"
      confirm="Set the limits"
      missing={missing}
      busy={save.isPending}
      problem={save.error ?? undefined}
      onClose={onClose}
      onConfirm={() => wanted !== null && save.mutate(wanted)}
    >
      {FIELDS.map(({ name, label }) => (
        <TextInput
          key={name}
          size="xs"
          label={label}
          placeholder="No limit"
          inputMode="decimal"
          autoComplete="off"
          value={draft[name]}
          error={faults[name]}
          onChange={(event) => setDraft({ ...draft, [name]: event.currentTarget.value })}
        />
      ))}
      <Merchants draft={draft} faults={faults} onDraft={setDraft} />
      <p className={classes.text}>They hold for every worker until they are changed, over restarts too.</p>
    </ConfirmDialog>
  );
}

interface MerchantsProps {
  draft: LimitsDraft;
  faults: Record<string, string>;
  onDraft: (draft: LimitsDraft) => void;
}

function Merchants({ draft, faults, onDraft }: MerchantsProps) {
  const put = (merchants: LimitsDraft["merchants"]) => onDraft({ ...draft, merchants });
  const change = (index: number, change: Partial<LimitsDraft["merchants"][number]>) =>
    put(draft.merchants.map((each, at) => (at === index ? { ...each, ...change } : each)));
  const next = Math.max(-1, ...draft.merchants.map((each) => each.row)) + 1;
  return (
    <fieldset className={classes.merchants}>
      <legend>Merchants with a rate of their own</legend>
      {draft.merchants.map((each, index) => (
        <div key={each.row} className={classes.merchant}>
          <TextInput
            size="xs"
            aria-label={`Merchant ${index + 1}`}
            placeholder="Merchant id"
            spellCheck={false}
            value={each.merchant_id}
            error={faults[`merchants.${index}.merchant_id`]}
            onChange={(event) => change(index, { merchant_id: event.currentTarget.value })}
          />
          <TextInput
            size="xs"
            aria-label={`Events a second of merchant ${index + 1}`}
            placeholder="Events/s"
            inputMode="decimal"
            value={each.rate_per_s}
            error={faults[`merchants.${index}.rate_per_s`]}
            onChange={(event) => change(index, { rate_per_s: event.currentTarget.value })}
          />
          <ActionIcon
            variant="subtle"
            color="gray"
            aria-label={`Remove merchant ${index + 1}`}
            onClick={() => put(draft.merchants.filter((_, at) => at !== index))}
          >
            <X size={14} aria-hidden />
          </ActionIcon>
        </div>
      ))}
      <Button
        size="compact-xs"
        variant="default"
        disabled={draft.merchants.length >= MERCHANTS_MAX}
        onClick={() => put([...draft.merchants, { row: next, merchant_id: "", rate_per_s: "" }])}
      >
        Add a merchant
      </Button>
    </fieldset>
  );
}
