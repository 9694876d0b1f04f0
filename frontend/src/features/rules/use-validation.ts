import { useDebouncedValue } from "@mantine/hooks";
import { useQuery } from "@tanstack/react-query";
import type { ConditionError } from "./error-marks";
import { validationOptions } from "./rules";

/** Typing rests this long before the compiler is asked. */
const REST_MS = 250;
const NONE: readonly ConditionError[] = [];

export interface ConditionStanding {
  standing: "checking" | "valid" | "invalid" | "unknown";
  errors: readonly ConditionError[];
}

/** What the compiler says of the condition that is being typed. While it is asked, the last errors stay. */
export function useValidation(condition: string): ConditionStanding {
  const [rested] = useDebouncedValue(condition, REST_MS);
  const query = useQuery({ ...validationOptions(rested), placeholderData: (before) => before });
  if (query.isError) return { standing: "unknown", errors: NONE };
  const errors = query.data?.errors ?? NONE;
  if (query.data === undefined || query.isPlaceholderData || rested !== condition) {
    return { standing: "checking", errors: rested === condition ? errors : NONE };
  }
  return { standing: query.data.valid ? "valid" : "invalid", errors };
}
