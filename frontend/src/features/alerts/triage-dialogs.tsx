import { Radio, Stack, TextInput } from "@mantine/core";
import { useState } from "react";
import type { Alert } from "@/api/types";
import { ConfirmDialog } from "@/ui/dialog/confirm";
import { NoteField } from "@/ui/dialog/note-field";
import { absolute, momentOf, zoneLabel } from "@/ui/time/format";
import { useZone } from "@/ui/time/zone";
import { snoozeChoices } from "./snooze-times";
import { OUTCOMES, type Outcome } from "./triage";
import type { TriageDesk } from "./use-triage";

/** What has to be answered before an alert sleeps or ends. */
export function TriageDialogs({ desk }: { desk: TriageDesk }) {
  if (desk.asking === null) return null;
  const { action, alerts } = desk.asking;
  const Dialog = action === "snooze" ? SnoozeDialog : ResolveDialog;
  return <Dialog alerts={alerts} desk={desk} />;
}

interface DialogProps {
  alerts: readonly Alert[];
  desk: TriageDesk;
}

function named(verb: string, alerts: readonly Alert[]): string {
  return alerts.length === 1 ? `${verb} ${alerts[0]?.title}` : `${verb} ${alerts.length} alerts`;
}

const OTHER = "other";

function SnoozeDialog({ alerts, desk }: DialogProps) {
  const zone = useZone();
  const [now] = useState(() => new Date());
  const choices = snoozeChoices(now, zone);
  const [choice, setChoice] = useState("0");
  const [typed, setTyped] = useState("");
  const until = choice === OTHER ? momentOf(typed, zone) : (choices[Number(choice)]?.until ?? null);
  const fault = choice === OTHER && until !== null && until <= now ? "That is in the past." : null;
  const missing = until === null ? "Until when?" : fault;
  return (
    <ConfirmDialog
      opened
      title={named("Snooze", alerts)}
      confirm={
        until === null || missing !== null ? "Snooze" : `Snooze until ${absolute(until, zone).slice(0, 16)}`
      }
      missing={missing}
      busy={desk.busy}
      onClose={desk.stopAsking}
      onConfirm={() => {
        if (until === null) return;
        desk.stopAsking();
        void desk.run(alerts, { action: "snooze", until: until.toISOString() });
      }}
    >
      <Radio.Group label="Until" value={choice} onChange={setChoice}>
        <Stack gap={8} mt={8}>
          {choices.map(({ label }, index) => (
            <Radio
              key={label}
              value={String(index)}
              label={label}
              size="xs"
              data-autofocus={index === 0 || undefined}
            />
          ))}
          <Radio value={OTHER} label="Another time" size="xs" />
        </Stack>
      </Radio.Group>
      {choice === OTHER && (
        <TextInput
          type="datetime-local"
          size="xs"
          label={`Until (${zoneLabel(zone)})`}
          value={typed}
          error={fault}
          onChange={(event) => setTyped(event.currentTarget.value)}
        />
      )}
    </ConfirmDialog>
  );
}

function ResolveDialog({ alerts, desk }: DialogProps) {
  const [outcome, setOutcome] = useState<Outcome>("confirmed");
  const [note, setNote] = useState("");
  return (
    <ConfirmDialog
      opened
      title={named("Resolve", alerts)}
      confirm={alerts.length === 1 ? "Resolve" : `Resolve ${alerts.length} alerts`}
      missing={note.trim() === "" ? "A note says what was found." : null}
      busy={desk.busy}
      onClose={desk.stopAsking}
      onConfirm={() => {
        desk.stopAsking();
        void desk.run(alerts, { action: "resolve", outcome, note: note.trim() });
      }}
    >
      <Radio.Group
        label="What was it?"
        value={outcome}
        onChange={(value) => setOutcome(OUTCOMES.find((each) => each.value === value)?.value ?? "confirmed")}
      >
        <Stack gap={8} mt={8}>
          {OUTCOMES.map(({ value, label, means }, index) => (
            <Radio
              key={value}
              value={value}
              label={label}
              description={means}
              size="xs"
              data-autofocus={index === 0 || undefined}
            />
          ))}
        </Stack>
      </Radio.Group>
      <NoteField note={note} onNote={setNote} label="What was found" required />
    </ConfirmDialog>
  );
}
