import { ActionIcon, Menu, Tooltip } from "@mantine/core";
import { Download, X } from "lucide-react";
import { useEffect, useRef, useState } from "react";
import { save } from "@/ui/list/csv";
import { problemToast, toast } from "@/ui/toast/toast";
import { type ExportFormat, exportAudit } from "./audit";

/** All entries of the filter in force, written by the server as they are read; a press in between stops it. */
export function ExportMenu({ request }: { request: Record<string, unknown> }) {
  const [bytes, setBytes] = useState<number | null>(null);
  const running = useRef<AbortController | null>(null);
  useEffect(() => () => running.current?.abort(), []);

  const start = async (format: ExportFormat) => {
    const controller = new AbortController();
    running.current = controller;
    setBytes(0);
    const { limit: _limit, cursor: _cursor, sort: _sort, ...filters } = request;
    try {
      const blob = await exportAudit(format, filters, setBytes, controller.signal);
      save(`audit-${new Date().toISOString().slice(0, 19).replaceAll(":", "")}.${format}`, blob);
      toast(`${size(blob.size)} saved.`);
    } catch (error) {
      if (!controller.signal.aborted) problemToast("The export was not made", error);
    } finally {
      running.current = null;
      setBytes(null);
    }
  };

  if (bytes !== null) {
    const label = `Stop the export; ${size(bytes)} so far`;
    return (
      <Tooltip label={label}>
        <ActionIcon variant="default" size={30} aria-label={label} onClick={() => running.current?.abort()}>
          <X size={15} aria-hidden />
        </ActionIcon>
      </Tooltip>
    );
  }
  return (
    <Menu position="bottom-end" shadow="md">
      <Menu.Target>
        <Tooltip label="Export what is filtered">
          <ActionIcon variant="default" size={30} aria-label="Export what is filtered">
            <Download size={15} aria-hidden />
          </ActionIcon>
        </Tooltip>
      </Menu.Target>
      <Menu.Dropdown>
        <Menu.Label>All entries of the filter</Menu.Label>
        <Menu.Item onClick={() => void start("csv")}>CSV, for spreadsheets</Menu.Item>
        <Menu.Item onClick={() => void start("jsonl")}>JSON lines, with details</Menu.Item>
      </Menu.Dropdown>
    </Menu>
  );
}

function size(bytes: number): string {
  if (bytes < 1_000_000) return `${Math.ceil(bytes / 1_000).toLocaleString("en-US")} kB`;
  return `${(bytes / 1_000_000).toFixed(1)} MB`;
}
