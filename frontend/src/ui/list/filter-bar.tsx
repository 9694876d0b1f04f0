import { Button, Popover, TextInput } from "@mantine/core";
import { Search, X } from "lucide-react";
import { lazy, Suspense, useId, useRef, useState } from "react";
import { useKeys } from "@/ui/keys/keys";
import { type Chip, chipsOf } from "./chips";
import type { Field, ListDefinition } from "./definition";
import classes from "./filter-bar.module.css";
import { FilterMenu } from "./filter-menu";
import { readQualifiers, type Suggestion, suggest } from "./qualifiers";
import type { ListUrl } from "./use-list-url";

const FilterEditor = lazy(() => import("./filter-editor"));

interface FilterBarProps<Row> {
  definition: ListDefinition<Row>;
  url: ListUrl;
}

/** The search box with its qualifiers, the filters in force as chips, and a menu for the rest. */
export function FilterBar<Row>({ definition, url }: FilterBarProps<Row>) {
  const chips = chipsOf(url.state.filters, definition.fields);
  return (
    <div className={classes.bar}>
      <SearchBox definition={definition} url={url} />
      <FilterMenu fields={definition.fields} url={url} />
      {chips.map((chip) => (
        <FilterChip key={chip.id} chip={chip} fields={definition.fields} url={url} />
      ))}
      {chips.length > 1 && (
        <Button variant="subtle" color="gray" size="compact-xs" onClick={() => url.setFilters({})}>
          Clear all
        </Button>
      )}
      {url.state.faults.length > 0 && (
        <p className={classes.fault} role="alert">
          Not understood and left out: {url.state.faults.join(" ")}
        </p>
      )}
    </div>
  );
}

function SearchBox<Row>({ definition, url }: FilterBarProps<Row>) {
  const [text, setText] = useState("");
  const [fault, setFault] = useState<string | null>(null);
  const [open, setOpen] = useState(false);
  const [place, setPlace] = useState(-1);
  const input = useRef<HTMLInputElement>(null);
  const listId = useId();
  const suggestions = open ? suggest(text, definition.fields) : [];
  const wordsLabel = definition.words === null ? undefined : definition.fields[definition.words]?.label;

  useKeys([{ keys: "/", label: "Search and filter", group: "List", run: () => input.current?.focus() }]);

  const apply = (value: string) => {
    const typed = readQualifiers(value, definition.fields, definition.words);
    setFault(typed.fault);
    if (typed.filters === null) return;
    if (Object.keys(typed.filters).length > 0) {
      url.setFilters({ ...url.state.filters, ...typed.filters });
      setText("");
    }
    setOpen(false);
    setPlace(-1);
  };

  const choose = (suggestion: Suggestion) => {
    const value = text.replace(/\S*$/, suggestion.insert);
    setPlace(-1);
    if (suggestion.complete) apply(value);
    else setText(value);
    input.current?.focus();
  };

  const onKeyDown = (event: React.KeyboardEvent) => {
    const chosen = suggestions[place];
    if (event.key === "ArrowDown") setPlace(Math.min(place + 1, suggestions.length - 1));
    else if (event.key === "ArrowUp") setPlace(Math.max(place - 1, -1));
    else if (event.key === "Enter") chosen === undefined ? apply(text) : choose(chosen);
    else if (event.key === "Tab" && suggestions[Math.max(place, 0)] !== undefined && text !== "") {
      choose(suggestions[Math.max(place, 0)] as Suggestion);
    } else if (event.key === "Escape") {
      if (text === "" || suggestions.length === 0) input.current?.blur();
      setOpen(false);
      return;
    } else return;
    event.preventDefault();
  };

  return (
    <Popover opened={suggestions.length > 0} position="bottom-start" shadow="md" offset={4} withinPortal>
      <Popover.Target popupType="listbox">
        <TextInput
          ref={input}
          className={classes.search}
          size="xs"
          leftSection={<Search size={14} aria-hidden />}
          placeholder={
            wordsLabel === undefined ? "status:… then Enter" : `${wordsLabel}, or a filter like status:`
          }
          aria-label="Search and filter"
          role="combobox"
          aria-expanded={suggestions.length > 0}
          aria-controls={listId}
          aria-activedescendant={place >= 0 ? `${listId}-${place}` : undefined}
          autoComplete="off"
          spellCheck={false}
          value={text}
          error={fault}
          onChange={(event) => {
            setText(event.currentTarget.value);
            setFault(null);
            setOpen(true);
            setPlace(-1);
          }}
          onFocus={() => setOpen(true)}
          onBlur={() => setOpen(false)}
          onKeyDown={onKeyDown}
        />
      </Popover.Target>
      <Popover.Dropdown p={4}>
        <div role="listbox" id={listId} aria-label="Suggestions" className={classes.suggestions}>
          {suggestions.map((suggestion, index) => (
            <div
              key={suggestion.insert}
              id={`${listId}-${index}`}
              role="option"
              tabIndex={-1}
              aria-selected={index === place}
              className={classes.suggestion}
              onMouseDown={(event) => {
                event.preventDefault();
                choose(suggestion);
              }}
            >
              <code>{suggestion.insert}</code>
              <span>{suggestion.label}</span>
            </div>
          ))}
        </div>
      </Popover.Dropdown>
    </Popover>
  );
}

function FilterChip({
  chip,
  fields,
  url,
}: {
  chip: Chip;
  fields: Readonly<Record<string, Field>>;
  url: ListUrl;
}) {
  const [open, setOpen] = useState(false);
  return (
    <Popover opened={open} onChange={setOpen} position="bottom-start" shadow="md" trapFocus withinPortal>
      <span className={classes.chip}>
        <Popover.Target>
          <button type="button" className={classes.chipText} onClick={() => setOpen(!open)}>
            <span className={classes.chipName}>{chip.label}</span> {chip.text}
          </button>
        </Popover.Target>
        <button
          type="button"
          className={classes.chipRemove}
          aria-label={`Remove the filter ${chip.label}`}
          onClick={() => {
            const filters = { ...url.state.filters };
            for (const name of chip.names) delete filters[name];
            url.setFilters(filters);
          }}
        >
          <X size={12} aria-hidden />
        </button>
      </span>
      <Popover.Dropdown>
        <Suspense>
          <FilterEditor id={chip.id} fields={fields} url={url} onDone={() => setOpen(false)} />
        </Suspense>
      </Popover.Dropdown>
    </Popover>
  );
}
