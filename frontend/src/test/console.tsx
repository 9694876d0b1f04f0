import { MantineProvider } from "@mantine/core";
import { Notifications } from "@mantine/notifications";
import { QueryClientProvider } from "@tanstack/react-query";
import { render } from "@testing-library/react";
import userEvent from "@testing-library/user-event";
import { MemoryRouter, useLocation } from "react-router";
import { setPaused } from "@/api/live";
import { createQueryClient } from "@/api/query";
import { session } from "@/api/session";
import type { Role } from "@/api/types";
import { ConsoleRoutes } from "@/app/router";
import { KeysProvider } from "@/ui/keys/keys";
import { theme } from "@/ui/look/theme";
import { ME } from "./examples";

interface Options {
  role?: Role;
  signedIn?: boolean;
}

/** The whole console at a path, against the mocked API. Live news are paused: a test says when something happens. */
export function openConsole(path: string, { role = "operator", signedIn = true }: Options = {}) {
  setPaused(true);
  session.state.set(signedIn ? { phase: "signed_in", user: { ...ME, role } } : { phase: "signed_out" });
  const client = createQueryClient();
  client.setDefaultOptions({ queries: { ...client.getDefaultOptions().queries, retry: false } });
  const place = { current: "" };
  render(
    <MantineProvider theme={theme} env="test">
      <QueryClientProvider client={client}>
        <KeysProvider>
          <Notifications />
          <MemoryRouter initialEntries={[path]}>
            <ConsoleRoutes />
            <Place to={place} />
          </MemoryRouter>
        </KeysProvider>
      </QueryClientProvider>
    </MantineProvider>,
  );
  return { user: userEvent.setup(), place, client };
}

function Place({ to }: { to: { current: string } }) {
  const location = useLocation();
  to.current = location.pathname + location.search;
  return null;
}
