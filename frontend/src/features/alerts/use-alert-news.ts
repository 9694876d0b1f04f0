import { useQueryClient } from "@tanstack/react-query";
import { useEffect, useRef, useState } from "react";
import { useStreamMessage } from "@/api/use-stream";
import { ALERTS_KEY } from "./alerts";

const REFETCH_MS = 1_500;
const MARKED_MS = 2_400;

/**
 * Keeps alerts current from the stream and tells which just changed. A storm of alerts costs one call each 1.5 s,
 * however many come.
 */
export function useAlertNews(): ReadonlySet<string> {
  const client = useQueryClient();
  const [changed, setChanged] = useState<ReadonlySet<string>>(new Set());
  const refetch = useRef<ReturnType<typeof setTimeout> | undefined>(undefined);
  const fade = useRef<ReturnType<typeof setTimeout> | undefined>(undefined);
  useEffect(
    () => () => {
      clearTimeout(refetch.current);
      clearTimeout(fade.current);
    },
    [],
  );
  const hear = ({ data }: { data: { alert_id: string } }) => {
    setChanged((before) => new Set([...before, data.alert_id]));
    clearTimeout(fade.current);
    fade.current = setTimeout(() => setChanged(new Set()), MARKED_MS);
    refetch.current ??= setTimeout(() => {
      refetch.current = undefined;
      void client.invalidateQueries({ queryKey: ALERTS_KEY });
    }, REFETCH_MS);
  };
  useStreamMessage("alerts", "alert.created", hear);
  useStreamMessage("alerts", "alert.changed", hear);
  return changed;
}
