import { ActionIcon, Button, Checkbox, Popover, Stack, Tooltip } from "@mantine/core";
import { Columns3 } from "lucide-react";
import type { ListDefinition } from "./definition";
import type { ColumnChoice } from "./use-columns";

interface ColumnChooserProps<Row> {
  definition: ListDefinition<Row>;
  choice: ColumnChoice<Row>;
}

export function ColumnChooser<Row>({ definition, choice }: ColumnChooserProps<Row>) {
  return (
    <Popover position="bottom-end" shadow="md" trapFocus withinPortal>
      <Popover.Target>
        <Tooltip label="Columns">
          <ActionIcon variant="default" size={30} aria-label="Columns">
            <Columns3 size={15} aria-hidden />
          </ActionIcon>
        </Tooltip>
      </Popover.Target>
      <Popover.Dropdown>
        <Stack gap={7}>
          {definition.columns.map((column, index) => (
            <Checkbox
              key={column.id}
              size="xs"
              label={column.label}
              checked={choice.isShown(column.id)}
              disabled={index === 0}
              onChange={() => choice.toggle(column.id)}
            />
          ))}
          <Button variant="subtle" size="compact-xs" disabled={!choice.changed} onClick={choice.reset}>
            Back to the usual ones
          </Button>
        </Stack>
      </Popover.Dropdown>
    </Popover>
  );
}
