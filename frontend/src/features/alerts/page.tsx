import { useQueryClient } from "@tanstack/react-query";
import { useEffect, useRef, useState } from "react";
import { useLocation } from "react-router";
import type { Alert, Page } from "@/api/types";
import { useRefusal } from "@/ui/access/access";
import { GuardedButton } from "@/ui/access/guarded-button";
import { links } from "@/ui/links/links";
import { ListFrame } from "@/ui/list/list-frame";
import { Presets } from "@/ui/list/presets";
import { useListUrl } from "@/ui/list/use-list-url";
import { AlertBody } from "./alert-body";
import { ALERT_LIST, ALERT_PRESETS } from "./alert-list";
import { ALERTS_KEY, type AlertQuery, fetchAlerts } from "./alerts";
import { NewAlertDialog } from "./new-alert-dialog";
import { TriageButtons } from "./triage-buttons";
import { TriageDialogs } from "./triage-dialogs";
import { TriageKeys } from "./triage-keys";
import { useAlertNews } from "./use-alert-news";
import { type TriageDesk, useTriage } from "./use-triage";

/** The list in which alerts are triaged without a mouse: `j` and `k` move, a letter acts, and the place is kept. */
export default function AlertsPage() {
  const desk = useTriage();
  const url = useListUrl(ALERT_LIST);
  const rows = useKnownAlerts();
  const changed = useAlertNews();
  const [creating, setCreating] = useState(false);
  const refusal = useRefusal("operator");
  useTriageByDefault();
  usePanelFollowsFocus(url.state.open, url.setOpen);

  const targets = (): readonly Alert[] => {
    const alert = rows(focusedKey() ?? url.state.open ?? "");
    return alert === undefined ? [] : [alert];
  };
  const leave = (status: Alert["status"]) => {
    const kept = url.state.filters.status;
    if (kept !== undefined && !kept.includes(status)) focusNeighbour();
  };

  return (
    <>
      <ListFrame<Alert, AlertQuery>
        title="Alerts"
        definition={ALERT_LIST}
        rowKey={(alert) => alert.alert_id}
        fetchPage={fetchAlerts}
        queryKey={ALERTS_KEY}
        changed={changed}
        empty={{
          title: "No alerts so far",
          text: "Rules raise them when a condition holds; you can also create one by hand.",
        }}
        actions={
          <GuardedButton size="xs" variant="default" refusal={refusal} onClick={() => setCreating(true)}>
            New alert
          </GuardedButton>
        }
        above={<Presets definition={ALERT_LIST} presets={ALERT_PRESETS} />}
        panel={{
          title: (key) => rows(key)?.title ?? `Alert ${key}`,
          body: (key) => <AlertBody alertId={key} desk={desk} />,
          href: links.alert,
        }}
        bulk={(selected, clear) => <SelectedAlerts alerts={selected} desk={desk} onDone={clear} />}
      />
      <TriageKeys desk={desk} targets={targets} onLeaving={leave} />
      <TriageDialogs desk={desk} />
      {creating && <NewAlertDialog onClose={() => setCreating(false)} />}
    </>
  );
}

function SelectedAlerts({
  alerts,
  desk,
  onDone,
}: {
  alerts: readonly Alert[];
  desk: TriageDesk;
  onDone: () => void;
}) {
  return (
    <>
      <TriageButtons alerts={alerts} desk={desk} />
      <TriageKeys desk={desk} targets={() => alerts} onLeaving={onDone} />
    </>
  );
}

/** Finds an alert among all pages that are known; the newest list wins. */
function useKnownAlerts(): (alertId: string) => Alert | undefined {
  const client = useQueryClient();
  return (alertId) => {
    const pages = client.getQueriesData<Page<Alert>>({ queryKey: [...ALERTS_KEY, "list"] });
    for (const [, page] of pages.reverse()) {
      const found = page?.items.find((alert) => alert.alert_id === alertId);
      if (found !== undefined) return found;
    }
    return undefined;
  };
}

/** Whoever comes without a question gets what waits for somebody, not what was resolved long ago. */
function useTriageByDefault(): void {
  const { search } = useLocation();
  const { setFilters } = useListUrl(ALERT_LIST);
  const asked = useRef(false);
  useEffect(() => {
    if (asked.current) return;
    asked.current = true;
    if (search === "") setFilters({ status: ["open"] });
  }, [search, setFilters]);
}

/** With the panel open, moving through the rows moves the panel too. */
function usePanelFollowsFocus(open: string | null, setOpen: (key: string) => void): void {
  useEffect(() => {
    if (open === null) return;
    const follow = () => {
      const key = focusedKey();
      if (key !== null && key !== open) setOpen(key);
    };
    document.addEventListener("focusin", follow);
    return () => document.removeEventListener("focusin", follow);
  }, [open, setOpen]);
}

function focusedRow(): HTMLTableRowElement | null {
  return document.activeElement?.closest<HTMLTableRowElement>("tr[data-row]") ?? null;
}

function focusedKey(): string | null {
  return focusedRow()?.dataset.row ?? null;
}

/** Moves to the row that takes the place of the one that leaves. */
function focusNeighbour(): void {
  const row = focusedRow();
  const next = row?.nextElementSibling ?? row?.previousElementSibling;
  next?.querySelector<HTMLElement>("[data-opener]")?.focus();
}
