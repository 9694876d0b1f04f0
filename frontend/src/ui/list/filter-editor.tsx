import { Button, Checkbox, Group, Radio, Stack, TextInput } from "@mantine/core";
import { type FormEvent, type ReactNode, useState } from "react";
import { formatMinor } from "@/ui/money/money";
import { localInput, momentOf, zoneLabel } from "@/ui/time/format";
import { useZone } from "@/ui/time/zone";
import { editorId, pairLabel } from "./chips";
import type { Field } from "./definition";
import classes from "./filter-bar.module.css";
import { fieldFault } from "./url-state";
import type { ListUrl } from "./use-list-url";

interface EditorProps {
  /** A field's name or a pair's. */
  id: string;
  fields: Readonly<Record<string, Field>>;
  url: ListUrl;
  onDone: () => void;
}

/** Edits one filter; nothing changes until it is applied. */
export default function FilterEditor(props: EditorProps) {
  const members = Object.entries(props.fields).filter(([name, field]) => editorId(name, field) === props.id);
  const first = members[0];
  if (first === undefined) return null;
  const [name, field] = first;
  if (field.kind === "choice") return <ChoiceEditor {...props} name={name} field={field} />;
  if (field.kind === "time") return <TimeEditor {...props} members={members} label={pairLabel(field)} />;
  if (field.kind === "minor") return <MinorEditor {...props} members={members} label={pairLabel(field)} />;
  if (field.kind === "flag") {
    const choices = [
      { value: "true", label: "Yes" },
      { value: "false", label: "No" },
    ];
    return (
      <ChoiceEditor
        {...props}
        name={name}
        field={{ kind: "choice", label: field.label, many: false, choices }}
      />
    );
  }
  return <TextEditor {...props} name={name} field={field} />;
}

function EditorForm({
  label,
  onApply,
  children,
}: {
  label: string;
  onApply: () => void;
  children: ReactNode;
}) {
  const submit = (event: FormEvent) => {
    event.preventDefault();
    onApply();
  };
  return (
    <form onSubmit={submit} aria-label={`Filter by ${label}`} className={classes.editor}>
      <Stack gap="xs">
        {children}
        <Group justify="flex-end">
          <Button type="submit" size="xs">
            Apply
          </Button>
        </Group>
      </Stack>
    </form>
  );
}

function ChoiceEditor({
  name,
  field,
  url,
  onDone,
}: EditorProps & { name: string; field: Extract<Field, { kind: "choice" }> }) {
  const [values, setValues] = useState<string[]>([...(url.state.filters[name] ?? [])]);
  const apply = () => {
    url.setFilter(name, values);
    onDone();
  };
  return (
    <EditorForm label={field.label} onApply={apply}>
      {field.many ? (
        <Checkbox.Group label={field.label} value={values} onChange={setValues}>
          <Stack gap={6} mt={6} className={classes.choices}>
            {field.choices.map((choice) => (
              <Checkbox key={choice.value} size="xs" value={choice.value} label={choice.label} />
            ))}
          </Stack>
        </Checkbox.Group>
      ) : (
        <Radio.Group label={field.label} value={values[0] ?? ""} onChange={(value) => setValues([value])}>
          <Stack gap={6} mt={6} className={classes.choices}>
            {field.choices.map((choice) => (
              <Radio key={choice.value} size="xs" value={choice.value} label={choice.label} />
            ))}
          </Stack>
        </Radio.Group>
      )}
    </EditorForm>
  );
}

function TextEditor({
  name,
  field,
  url,
  onDone,
}: EditorProps & { name: string; field: Extract<Field, { kind: "text" }> }) {
  const [text, setText] = useState(url.state.filters[name]?.[0] ?? "");
  const fault = fieldFault(field, text.trim());
  const apply = () => {
    if (fault !== null) return;
    url.setFilter(name, text.trim() === "" ? [] : [text.trim()]);
    onDone();
  };
  return (
    <EditorForm label={field.label} onApply={apply}>
      <TextInput
        size="xs"
        label={field.label}
        placeholder={field.placeholder}
        value={text}
        error={fault}
        data-autofocus
        spellCheck={false}
        onChange={(event) => setText(event.currentTarget.value)}
      />
    </EditorForm>
  );
}

type Members = readonly (readonly [string, Field])[];

const SPANS = [
  ["-15m", "15 min"],
  ["-1h", "1 h"],
  ["-24h", "24 h"],
  ["-7d", "7 d"],
  ["-30d", "30 d"],
] as const;

function TimeEditor({ members, label, url, onDone }: EditorProps & { members: Members; label: string }) {
  const zone = useZone();
  const nameOf = (end: "from" | "to") =>
    members.find(([, field]) => field.kind === "time" && field.end === end)?.[0];
  const [fromName, toName] = [nameOf("from"), nameOf("to")];
  const shown = (name: string | undefined) => {
    const value = name === undefined ? undefined : url.state.filters[name]?.[0];
    return value === undefined || value.startsWith("-") ? "" : localInput(new Date(value), zone);
  };
  const [from, setFrom] = useState(shown(fromName));
  const [to, setTo] = useState(shown(toName));
  const put = (values: { from: string | null; to: string | null }) => {
    const filters = { ...url.state.filters };
    for (const [name, value] of [
      [fromName, values.from],
      [toName, values.to],
    ] as const) {
      if (name === undefined) continue;
      if (value === null) delete filters[name];
      else filters[name] = [value];
    }
    url.setFilters(filters);
    onDone();
  };
  const moment = (text: string) => (text === "" ? null : (momentOf(text, zone)?.toISOString() ?? null));
  const backwards = from !== "" && to !== "" && from >= to ? "The end has to come after the start." : null;
  return (
    <EditorForm
      label={label}
      onApply={() => backwards === null && put({ from: moment(from), to: moment(to) })}
    >
      <fieldset className={classes.spans}>
        <legend>{label} in the last</legend>
        {SPANS.map(([value, text]) => (
          <Button
            key={value}
            variant="default"
            size="compact-xs"
            onClick={() => put({ from: value, to: null })}
          >
            {text}
          </Button>
        ))}
      </fieldset>
      <TextInput
        size="xs"
        type="datetime-local"
        label={`From (${zoneLabel(zone)})`}
        value={from}
        onChange={(event) => setFrom(event.currentTarget.value)}
      />
      <TextInput
        size="xs"
        type="datetime-local"
        label={`To (${zoneLabel(zone)})`}
        value={to}
        error={backwards}
        onChange={(event) => setTo(event.currentTarget.value)}
      />
    </EditorForm>
  );
}

function MinorEditor({ members, label, url, onDone }: EditorProps & { members: Members; label: string }) {
  const [texts, setTexts] = useState<Record<string, string>>(
    Object.fromEntries(members.map(([name]) => [name, url.state.filters[name]?.[0] ?? ""])),
  );
  const faults = members.map(([name, field]) => (texts[name] ? fieldFault(field, texts[name]) : null));
  const apply = () => {
    if (faults.some((fault) => fault !== null)) return;
    const filters = { ...url.state.filters };
    for (const [name] of members) {
      if (texts[name]) filters[name] = [texts[name]];
      else delete filters[name];
    }
    url.setFilters(filters);
    onDone();
  };
  return (
    <EditorForm label={label} onApply={apply}>
      {members.map(([name, field], index) => (
        <TextInput
          key={name}
          size="xs"
          label={field.label}
          description={meaning(texts[name] ?? "", faults[index] ?? null)}
          inputMode="numeric"
          value={texts[name] ?? ""}
          error={faults[index]}
          onChange={(event) => {
            const { value } = event.currentTarget;
            setTexts((before) => ({ ...before, [name]: value }));
          }}
        />
      ))}
    </EditorForm>
  );
}

/** Filters compare minor units across currencies, so the bound says what it means in the two usual exponents. */
function meaning(text: string, fault: string | null): string {
  if (text === "" || fault !== null) return "In minor units: 1250 is 12.50 EUR, or 1,250 JPY.";
  return `${formatMinor(BigInt(text), 2)} with two decimals, ${formatMinor(BigInt(text), 0)} with none.`;
}
