import { useQueryClient } from "@tanstack/react-query";
import { useCallback, useMemo, useRef, useState } from "react";
import { useMe } from "@/api/session";
import type { Alert, Page } from "@/api/types";
import { useRefusal } from "@/ui/access/access";
import { problemToast, toast, undoToast } from "@/ui/toast/toast";
import { ALERTS_KEY, type AlertDetail, act } from "./alerts";
import { PAST, refusalOf, type Triage, type TriageAction, undoOf } from "./triage";

interface Done {
  /** The alert as the server has it now. */
  after: Alert;
  /** The steps that take it back, in their order. */
  back: readonly Triage[];
}

export interface TriageDesk {
  /** Does it to each alert that it makes sense for, and offers to take it back. */
  run: (alerts: readonly Alert[], triage: Triage) => Promise<void>;
  /** Takes the last one back; false where there is none. */
  undo: () => Promise<void>;
  undoable: boolean;
  /** What waits for an answer: until when, or with which outcome. */
  asking: { action: "snooze" | "resolve"; alerts: readonly Alert[] } | null;
  ask: (action: "snooze" | "resolve", alerts: readonly Alert[]) => void;
  stopAsking: () => void;
  busy: boolean;
  /** Why this user may not triage at all. */
  refusal: string | null;
  me: string;
}

/** Everything that is done to alerts goes through here, by key, by button, for one and for many. */
export function useTriage(): TriageDesk {
  const client = useQueryClient();
  const me = useMe();
  const refusal = useRefusal("operator");
  const [asking, setAsking] = useState<TriageDesk["asking"]>(null);
  const [busy, setBusy] = useState(false);
  const [undoable, setUndoable] = useState(false);
  const last = useRef<readonly Done[]>([]);

  const adopt = useCallback(
    (alert: Alert) => {
      client.setQueriesData<Page<Alert>>({ queryKey: [...ALERTS_KEY, "list"] }, (page) =>
        page === undefined ? page : { ...page, items: page.items.map((each) => newest(each, alert)) },
      );
      client.setQueryData<AlertDetail>([...ALERTS_KEY, "one", alert.alert_id], (detail) =>
        detail === undefined ? detail : newest(detail, alert),
      );
    },
    [client],
  );

  const each = useCallback(
    async (pairs: readonly { alert: Alert; steps: readonly Triage[] }[]): Promise<Done[]> => {
      setBusy(true);
      const settled = await Promise.allSettled(pairs.map(({ alert, steps }) => walk(alert, steps)));
      setBusy(false);
      const done: Done[] = [];
      const failed: unknown[] = [];
      settled.forEach((result, index) => {
        const pair = pairs[index];
        if (pair === undefined) return;
        if (result.status === "rejected") failed.push(result.reason);
        else {
          adopt(result.value);
          const [step] = pair.steps;
          done.push({ after: result.value, back: step === undefined ? [] : undoOf(step.action, pair.alert) });
        }
      });
      if (failed.length > 0) {
        problemToast(
          failed.length === 1 ? "One alert is as it was" : `${failed.length} alerts are as they were`,
          failed[0],
        );
      }
      void client.invalidateQueries({ queryKey: ALERTS_KEY });
      return done;
    },
    [adopt, client],
  );

  const undo = useCallback(async () => {
    const pairs = last.current
      .filter(({ back }) => back.length > 0)
      .map(({ after, back }) => ({ alert: after, steps: back }));
    last.current = [];
    setUndoable(false);
    if (pairs.length === 0) return;
    const done = await each(pairs);
    if (done.length > 0) toast(`${counted(done.length)} as before`);
  }, [each]);

  const run = useCallback(
    async (alerts: readonly Alert[], triage: Triage) => {
      if (refusal !== null) return toast(refusal);
      const fitting = alerts.filter((alert) => refusalOf(triage.action, alert) === null);
      const first = alerts[0];
      if (fitting.length === 0) {
        if (first !== undefined) toast(refusalOf(triage.action, first) ?? "");
        return;
      }
      const done = await each(fitting.map((alert) => ({ alert, steps: [triage] })));
      if (done.length === 0) return;
      last.current = done;
      const possible = done.some(({ back }) => back.length > 0);
      setUndoable(possible);
      const message = told(done, triage.action);
      if (possible) undoToast(message, undo);
      else toast(message);
    },
    [each, refusal, undo],
  );

  return useMemo(
    () => ({
      run,
      undo,
      undoable,
      asking,
      ask: (action, alerts) => {
        const fitting = alerts.filter((alert) => refusalOf(action, alert) === null);
        if (refusal !== null) toast(refusal);
        else if (fitting.length > 0) setAsking({ action, alerts: fitting });
        else if (alerts[0] !== undefined) toast(refusalOf(action, alerts[0]) ?? "");
      },
      stopAsking: () => setAsking(null),
      busy,
      refusal,
      me: me.user_id,
    }),
    [run, undo, undoable, asking, busy, refusal, me.user_id],
  );
}

/** One step after the other, each on what the one before it left. */
async function walk(alert: Alert, steps: readonly Triage[]): Promise<Alert> {
  let after = alert;
  for (const step of steps) after = await act(after, step);
  return after;
}

function newest<A extends Alert>(known: A, heard: Alert): A {
  return known.alert_id === heard.alert_id && heard.version >= known.version ? { ...known, ...heard } : known;
}

function counted(alerts: number): string {
  return alerts === 1 ? "1 alert" : `${alerts} alerts`;
}

function told(done: readonly Done[], action: TriageAction): string {
  const only = done.length === 1 ? done[0]?.after : undefined;
  return `${only === undefined ? counted(done.length) : only.title} ${PAST[action]}`;
}
