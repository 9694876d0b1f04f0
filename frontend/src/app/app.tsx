import { MantineProvider } from "@mantine/core";
import { Notifications } from "@mantine/notifications";
import { QueryClientProvider } from "@tanstack/react-query";
import { BrowserRouter } from "react-router";
import { queryClient } from "@/api/query";
import { KeysProvider } from "@/ui/keys/keys";
import { colorSchemeManager, theme } from "@/ui/look/theme";
import { ConsoleRoutes } from "./router";

export function App() {
  return (
    <MantineProvider
      theme={theme}
      colorSchemeManager={colorSchemeManager}
      defaultColorScheme="auto"
      withCssVariables={false}
      withGlobalClasses={false}
      deduplicateInlineStyles={false}
    >
      <QueryClientProvider client={queryClient}>
        <KeysProvider>
          <Notifications position="bottom-right" limit={4} />
          <BrowserRouter>
            <ConsoleRoutes />
          </BrowserRouter>
        </KeysProvider>
      </QueryClientProvider>
    </MantineProvider>
  );
}
