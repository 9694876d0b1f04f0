import { useMutation } from "@tanstack/react-query";
import { useState } from "react";
import { type TryOutcome, tryCondition } from "./rules";

export const TRY_EVENTS = [100, 500, 1_000] as const;

export interface Trial {
  outcome: TryOutcome | undefined;
  /** The condition that the outcome is of. */
  tried: string | null;
  error: Error | null;
  busy: boolean;
  limit: number;
  setLimit: (limit: number) => void;
  run: (condition: string) => void;
}

/** Runs a condition over recent events; nothing is stored and no alert is raised. */
export function useTryOut(): Trial {
  const [limit, setLimit] = useState<number>(TRY_EVENTS[2]);
  const [tried, setTried] = useState<string | null>(null);
  const mutation = useMutation({ mutationFn: (condition: string) => tryCondition(condition, limit) });
  return {
    outcome: mutation.data,
    tried,
    error: mutation.error,
    busy: mutation.isPending,
    limit,
    setLimit,
    run: (condition) => {
      setTried(condition);
      mutation.mutate(condition);
    },
  };
}
