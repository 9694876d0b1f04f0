import { useEffect, useRef } from "react";
import { paused } from "@/api/live";
import { queryClient } from "@/api/query";
import { useStreamMessage } from "@/api/use-stream";

/** What was missed is read again: after a pause, and when the stream came back too late to resume. */
export function useCatchingUp(): void {
  const greeted = useRef(false);
  useStreamMessage(null, "hello", ({ data }) => {
    if (greeted.current && !data.resumed) void queryClient.invalidateQueries();
    greeted.current = true;
  });
  useEffect(
    () =>
      paused.subscribe(() => {
        if (!paused.get()) void queryClient.invalidateQueries();
      }),
    [],
  );
}
