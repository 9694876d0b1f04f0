import { QueryClient } from "@tanstack/react-query";
import { paused } from "./live";
import { ApiProblem } from "./problem";

const RETRIES = 2;

/** Answers are fresh for 5 s; polls and refetches follow the pause. */
export function createQueryClient(): QueryClient {
  const client = new QueryClient({
    defaultOptions: {
      queries: {
        staleTime: 5_000,
        gcTime: 5 * 60_000,
        refetchOnWindowFocus: () => !paused.get(),
        refetchOnReconnect: () => !paused.get(),
        refetchIntervalInBackground: false,
        // The browser's word on the network is often wrong for a console on localhost.
        networkMode: "always",
        retry: (failures, error) => error instanceof ApiProblem && error.transient && failures < RETRIES,
        retryDelay: (attempt, error) => {
          const asked = error instanceof ApiProblem ? error.retryAfterS : null;
          return asked !== null ? asked * 1000 : 500 * 2 ** attempt;
        },
      },
      mutations: { retry: false, networkMode: "always" },
    },
  });
  // A poll that is waited for already is asked about anew, or one more of each would go out after the pause.
  paused.subscribe(() => {
    for (const query of client.getQueryCache().getAll()) {
      for (const observer of query.observers) observer.setOptions(observer.options);
    }
  });
  return client;
}

export const queryClient = createQueryClient();
