import { Button, Popover } from "@mantine/core";
import { ListFilter } from "lucide-react";
import { lazy, Suspense, useState } from "react";
import { editorId, pairLabel } from "./chips";
import type { Field } from "./definition";
import classes from "./filter-bar.module.css";
import type { ListUrl } from "./use-list-url";

const FilterEditor = lazy(() => import("./filter-editor"));

/** All filters of the list: choose one, then its value. */
export function FilterMenu({ fields, url }: { fields: Readonly<Record<string, Field>>; url: ListUrl }) {
  const [open, setOpen] = useState(false);
  const [chosen, setChosen] = useState<string | null>(null);
  const entries = new Map(
    Object.entries(fields).map(([name, field]) => {
      const id = editorId(name, field);
      return [id, id === name ? field.label : pairLabel(field)] as const;
    }),
  );
  const close = () => {
    setOpen(false);
    setChosen(null);
  };
  return (
    <Popover
      opened={open}
      onChange={(value) => (value ? setOpen(true) : close())}
      position="bottom-start"
      shadow="md"
      trapFocus
      withinPortal
    >
      <Popover.Target>
        <Button
          variant="default"
          size="xs"
          leftSection={<ListFilter size={14} aria-hidden />}
          onClick={() => (open ? close() : setOpen(true))}
        >
          Filter
        </Button>
      </Popover.Target>
      <Popover.Dropdown p={chosen === null ? 4 : "sm"}>
        {chosen === null ? (
          <div className={classes.menu}>
            {[...entries].map(([id, label]) => (
              <button type="button" key={id} className={classes.menuItem} onClick={() => setChosen(id)}>
                {label}
              </button>
            ))}
          </div>
        ) : (
          <Suspense>
            <FilterEditor key={chosen} id={chosen} fields={fields} url={url} onDone={close} />
          </Suspense>
        )}
      </Popover.Dropdown>
    </Popover>
  );
}
