import { Button, SegmentedControl, Switch, Textarea, TextInput } from "@mantine/core";
import { useRef, useState } from "react";
import { useRefusal } from "@/ui/access/access";
import { GuardedButton } from "@/ui/access/guarded-button";
import { choicesOf, SEVERITIES } from "@/ui/badges/badges";
import { Section } from "@/ui/page/page-frame";
import { ConditionEditor, type ConditionHandle } from "./condition-editor";
import classes from "./rule.module.css";
import type { RuleDetail, RuleDraft } from "./rules";
import { SaveDialog } from "./save-dialog";
import { TryOut } from "./try-out";
import { useTryOut } from "./use-try-out";
import { useValidation } from "./use-validation";
import { Versions } from "./versions";
import { Vocabulary } from "./vocabulary";

const NEW: RuleDraft = {
  condition: 'verdict == "apply"\n  && ',
  severity: "warning",
  description: "",
  enabled: false,
};

/** A rule is never renamed, so its name is short, lasting and the same everywhere. */
const NAME = /^[a-z][a-z0-9_]{0,63}$/;

/** Where a rule is written, tried and compared with what it was. Nothing is in force before it is saved. */
export function RuleWorkbench({ rule }: { rule: RuleDetail | null }) {
  const [edited, setEdited] = useState<Partial<RuleDraft>>({});
  const [name, setName] = useState("");
  const [saving, setSaving] = useState(false);
  const editor = useRef<ConditionHandle>(null);
  const refusal = useRefusal("operator");
  // What nobody has touched follows the rule, so that a version saved elsewhere shows up here.
  const draft: RuleDraft = { ...decidedIn(rule ?? NEW), ...edited };
  const validation = useValidation(draft.condition);
  const trial = useTryOut();
  const changed = rule === null || differs(draft, rule);
  const put = (change: Partial<RuleDraft>) => setEdited((before) => ({ ...before, ...change }));
  const tryIt = () => {
    // While it is being compiled the server says what is wrong, if anything is.
    if (validation.standing !== "invalid") trial.run(draft.condition);
  };

  return (
    <div className={classes.workbench}>
      <div className={classes.main}>
        {rule === null && <NameField name={name} onName={setName} />}
        <Section
          title="Condition"
          aside={
            changed && rule !== null ? <span className={classes.unsaved}>Changed, not saved</span> : undefined
          }
        >
          <div className={classes.column}>
            <ConditionEditor
              ref={editor}
              condition={draft.condition}
              onCondition={(condition) => put({ condition })}
              errors={validation.errors}
              standing={validation.standing}
              readOnly={refusal !== null}
              onTry={tryIt}
            />
            <Textarea
              label="What it watches"
              description="Alerts of the rule say this."
              value={draft.description}
              onChange={(event) => put({ description: event.currentTarget.value })}
              readOnly={refusal !== null}
              maxLength={500}
              autosize
              minRows={1}
              maxRows={4}
            />
            <div className={classes.row}>
              <SegmentedControl
                aria-label="Severity of its alerts"
                size="xs"
                value={draft.severity}
                onChange={(value) => put({ severity: value as RuleDraft["severity"] })}
                readOnly={refusal !== null}
                data={choicesOf(SEVERITIES)}
              />
              {rule === null && (
                <Switch
                  size="xs"
                  label="Put it in force at once"
                  checked={draft.enabled}
                  onChange={(event) => put({ enabled: event.currentTarget.checked })}
                />
              )}
              <span className={classes.grow} />
              {rule !== null && changed && (
                <Button size="xs" variant="default" onClick={() => setEdited({})}>
                  Back to version {rule.version}
                </Button>
              )}
              <GuardedButton
                size="xs"
                refusal={refusal ?? whyNotSaved(rule === null ? name : null, changed, validation.standing)}
                onClick={() => setSaving(true)}
              >
                {rule === null ? "Create the rule" : `Save as version ${rule.version + 1}`}
              </GuardedButton>
            </div>
          </div>
        </Section>
        <TryOut
          trial={trial}
          condition={draft.condition}
          refusal={
            refusal ??
            (validation.standing === "invalid" ? "Only a condition that compiles can be tried." : null)
          }
          onTry={tryIt}
        />
        {rule !== null && (
          <Versions rule={rule} onTake={refusal === null ? (condition) => put({ condition }) : null} />
        )}
      </div>
      <Vocabulary onChoose={refusal === null ? (field) => editor.current?.insert(field) : null} />
      {saving && (
        <SaveDialog
          rule={rule}
          name={rule?.name ?? name}
          draft={draft}
          onClose={() => setSaving(false)}
          onSaved={() => {
            setSaving(false);
            setEdited({});
          }}
        />
      )}
    </div>
  );
}

function NameField({ name, onName }: { name: string; onName: (name: string) => void }) {
  const wrong = name !== "" && !NAME.test(name);
  return (
    <TextInput
      label="Name"
      description="Lower-case letters, digits and _; it can't be changed later."
      className={classes.name ?? ""}
      placeholder="refund_above_share"
      value={name}
      error={wrong ? "A letter first, then at most 63 of a-z, 0-9 and _." : null}
      spellCheck={false}
      autoComplete="off"
      onChange={(event) => onName(event.currentTarget.value)}
    />
  );
}

/** What of a rule is decided by people; the rest is the server's. */
function decidedIn({ condition, severity, description, enabled }: RuleDraft): RuleDraft {
  return { condition, severity, description, enabled };
}

function differs(draft: RuleDraft, rule: RuleDraft): boolean {
  return (
    draft.condition !== rule.condition ||
    draft.severity !== rule.severity ||
    draft.description !== rule.description ||
    draft.enabled !== rule.enabled
  );
}

function whyNotSaved(name: string | null, changed: boolean, standing: string): string | null {
  if (name !== null && !NAME.test(name)) return "It needs a name first.";
  if (!changed) return "Nothing was changed.";
  if (standing === "invalid") return "It does not compile.";
  return standing === "checking" ? "It is being compiled." : null;
}
