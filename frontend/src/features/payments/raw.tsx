import { Button } from "@mantine/core";
import { useState } from "react";
import type { TransactionDetail } from "@/api/types";
import { JsonView } from "@/ui/json/json-view";
import { Section } from "@/ui/page/page-frame";

/** The answer of the API as it came. */
export function Raw({ payment }: { payment: TransactionDetail }) {
  const [open, setOpen] = useState(false);
  return (
    <Section
      title="Raw JSON"
      aside={
        <Button size="compact-xs" variant="default" aria-expanded={open} onClick={() => setOpen(!open)}>
          {open ? "Hide" : "Show"}
        </Button>
      }
    >
      {open ? (
        <JsonView value={payment} label="the payment" />
      ) : (
        <span>The payment as the API gives it, every digit kept.</span>
      )}
    </Section>
  );
}
