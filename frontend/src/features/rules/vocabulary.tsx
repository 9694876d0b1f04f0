import { TextInput } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { useState } from "react";
import { Section } from "@/ui/page/page-frame";
import { LoadingBlock, ProblemState } from "@/ui/states/states";
import classes from "./rule.module.css";
import { type VocabularyField, vocabularyOptions } from "./rules";

const OPERATORS = [
  ["&&  ||  !", "and, or, not"],
  ["==  !=  <  <=  >  >=", "between values of one type"],
  ["x in [a, b]", "one of a list"],
  ["+  -  *  /  %", "integers; a share is x * 100 > y * 80"],
  ["startsWith, endsWith, contains, size", "of text"],
  ['duration("36h"), timestamp("…Z")', "times and their distance"],
] as const;

/** All that a condition can see. Choosing a field writes it at the caret. */
export function Vocabulary({ onChoose }: { onChoose: ((field: string) => void) | null }) {
  const [wanted, setWanted] = useState("");
  const query = useQuery(vocabularyOptions());
  const words = wanted.trim().toLowerCase();
  const fields = (query.data?.fields ?? []).filter((field) =>
    `${field.name} ${field.type} ${field.description}`.toLowerCase().includes(words),
  );
  return (
    <div className={classes.side}>
      <Section title="What a condition can see">
        {query.isError ? (
          <ProblemState problem={query.error} onRetry={() => void query.refetch()} />
        ) : query.data === undefined ? (
          <LoadingBlock height={240} />
        ) : (
          <div className={classes.column}>
            <TextInput
              size="xs"
              aria-label="Search the fields"
              placeholder="Search the fields"
              value={wanted}
              onChange={(event) => setWanted(event.currentTarget.value)}
            />
            {/* biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls has to be reachable by keyboard */}
            <ul className={classes.fields} tabIndex={0} aria-label="Fields">
              {fields.map((field) => (
                <FieldRow key={field.name} field={field} onChoose={onChoose} />
              ))}
            </ul>
            {fields.length === 0 && <p className={classes.hintBare}>No field is like that.</p>}
          </div>
        )}
      </Section>
      <Section title="What it can say">
        <dl className={classes.operators}>
          {OPERATORS.map(([signs, meaning]) => (
            <div key={signs}>
              <dt>
                <code>{signs}</code>
              </dt>
              <dd>{meaning}</dd>
            </div>
          ))}
        </dl>
      </Section>
    </div>
  );
}

function FieldRow({
  field,
  onChoose,
}: {
  field: VocabularyField;
  onChoose: ((field: string) => void) | null;
}) {
  return (
    <li>
      {onChoose === null ? (
        <code>{field.name}</code>
      ) : (
        <button type="button" className={classes.field} onClick={() => onChoose(field.name)}>
          <code>{field.name}</code>
        </button>
      )}
      <span className={classes.type}>{field.type}</span>
      <span className={classes.meaning}>{field.description}</span>
    </li>
  );
}
