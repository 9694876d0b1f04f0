import { Button } from "@mantine/core";
import type { ListDefinition } from "./definition";
import classes from "./presets.module.css";
import { useListUrl } from "./use-list-url";

export interface Preset {
  name: string;
  filters: Readonly<Record<string, readonly string[]>>;
}

/** Questions that are asked again and again: each is a set of filters, so it is only a shorter way to a URL. */
export function Presets<Row>({
  definition,
  presets,
}: {
  definition: ListDefinition<Row>;
  presets: readonly Preset[];
}) {
  const { state, setFilters } = useListUrl(definition);
  return (
    <nav className={classes.presets} aria-label="Presets">
      {presets.map((preset) => {
        const active = same(state.filters, preset.filters);
        return (
          <Button
            key={preset.name}
            size="compact-xs"
            variant={active ? "light" : "subtle"}
            color={active ? undefined : "gray"}
            aria-current={active || undefined}
            onClick={() => setFilters(preset.filters)}
          >
            {preset.name}
          </Button>
        );
      })}
    </nav>
  );
}

function same(left: Preset["filters"], right: Preset["filters"]): boolean {
  const text = (filters: Preset["filters"]) =>
    Object.entries(filters)
      .filter(([, values]) => values.length > 0)
      .map(([name, values]) => `${name}=${[...values].sort().join()}`)
      .sort()
      .join("&");
  return text(left) === text(right);
}
