import { queryOptions } from "@tanstack/react-query";
import { api, take } from "@/api/client";
import { randomId } from "@/api/identifiers";
import type { Alert, Page, Query, Reply } from "@/api/types";
import type { Triage } from "./triage";

export type AlertQuery = Query<"/alerts">;
export type AlertDetail = Reply<"/alerts/{alert_id}">;
export type NewAlert = Pick<Alert, "severity" | "title" | "description"> & { payment_id?: string };

export const ALERTS_KEY = ["alerts"] as const;

export function fetchAlerts(query: AlertQuery, signal: AbortSignal): Promise<Page<Alert>> {
  return take(api.GET("/alerts", { params: { query }, signal }));
}

export function alertOptions(alertId: string) {
  return queryOptions({
    queryKey: [...ALERTS_KEY, "one", alertId],
    queryFn: ({ signal }) =>
      take(api.GET("/alerts/{alert_id}", { params: { path: { alert_id: alertId } }, signal })),
  });
}

function written(alert: Pick<Alert, "alert_id" | "version">) {
  return {
    path: { alert_id: alert.alert_id },
    header: { "Idempotency-Key": randomId(), "If-Match": `"${alert.version}"` },
  };
}

/** Does one thing to one alert as it was seen; another operator's change in between is refused, not overwritten. */
export function act(alert: Pick<Alert, "alert_id" | "version">, triage: Triage): Promise<Alert> {
  const params = written(alert);
  switch (triage.action) {
    case "acknowledge":
      return take(api.POST("/alerts/{alert_id}/acknowledge", { params }));
    case "assign":
      return take(api.POST("/alerts/{alert_id}/assign", { params, body: { assignee: triage.assignee } }));
    case "snooze":
      return take(api.POST("/alerts/{alert_id}/snooze", { params, body: { until: triage.until } }));
    case "resolve":
      return take(
        api.POST("/alerts/{alert_id}/resolve", {
          params,
          body: { outcome: triage.outcome, note: triage.note },
        }),
      );
    case "reopen":
      return take(api.POST("/alerts/{alert_id}/reopen", { params, body: {} }));
  }
}

export function createAlert(alert: NewAlert): Promise<Alert> {
  return take(api.POST("/alerts", { params: { header: { "Idempotency-Key": randomId() } }, body: alert }));
}

export async function deleteAlert(alert: Pick<Alert, "alert_id" | "version">): Promise<void> {
  await take(api.DELETE("/alerts/{alert_id}", { params: written(alert) }));
}
