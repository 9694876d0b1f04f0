import { useMantineColorScheme } from "@mantine/core";
import { lazy, Suspense, useEffect, useRef, useState } from "react";
import { Outlet, useLocation } from "react-router";
import { queryClient } from "@/api/query";
import { session, useSession } from "@/api/session";
import { applyDensity, schemeOf } from "@/ui/look/theme";
import { ProblemState } from "@/ui/states/states";
import { setHomeZone } from "@/ui/time/zone";
import { Navigation } from "./navigation";
import classes from "./shell.module.css";
import { SignInRedirect } from "./sign-in-redirect";
import { TopBar } from "./top-bar";
import { useAlertToasts } from "./use-alert-toasts";
import { useCatchingUp } from "./use-catching-up";
import { useShellKeys } from "./use-shell-keys";

// Not needed for the first paint; each is loaded when it is first opened.
const ExpiredDialog = lazy(() => import("./expired-dialog"));
const KeySheet = lazy(() => import("./key-sheet"));
const Palette = lazy(() => import("./palette"));

/** Everything around a page, for who is signed in; who is not is sent to sign in and comes back here. */
export function Shell() {
  const state = useSession();
  switch (state.phase) {
    case "starting":
      return <div className={classes.starting} role="status" aria-label="Opening PayFlow" />;
    case "unreachable":
      return (
        <main className={classes.alone}>
          <ProblemState problem={state.problem} onRetry={() => void session.start()} />
        </main>
      );
    case "signed_out":
      return <SignInRedirect />;
    default:
      return (
        <>
          <Frame />
          <Suspense>{state.phase === "expired" && <ExpiredDialog email={state.user.email} />}</Suspense>
        </>
      );
  }
}

function Frame() {
  const [sheet, setSheet] = useState(false);
  const [palette, setPalette] = useState(false);
  const [drawer, setDrawer] = useState(false);
  const { pathname } = useLocation();
  const main = useRef<HTMLElement>(null);
  usePreferencesInForce();
  useCatchingUp();
  useAlertToasts();
  useShellKeys({ openSheet: () => setSheet(true), openPalette: () => setPalette(true) });

  // biome-ignore lint/correctness/useExhaustiveDependencies: the drawer closes whenever the page changes
  useEffect(() => setDrawer(false), [pathname]);

  return (
    <div className={classes.shell}>
      {/* biome-ignore lint/a11y/useValidAnchor: it is a link; the focus only makes sure that browsers follow it */}
      <a href="#main" className={classes.skip} onClick={() => main.current?.focus()}>
        Skip to the page
      </a>
      <Navigation open={drawer} onClose={() => setDrawer(false)} onKeys={() => setSheet(true)} />
      <div className={classes.right}>
        <TopBar onMenu={() => setDrawer(true)} onPalette={() => setPalette(true)} />
        <main id="main" ref={main} className={classes.main} tabIndex={-1}>
          <Outlet />
        </main>
      </div>
      <Suspense>
        {sheet && <KeySheet onClose={() => setSheet(false)} />}
        {palette && <Palette onClose={() => setPalette(false)} />}
      </Suspense>
    </div>
  );
}

/** Theme, density and zone follow the user's preferences; another user's data is never shown from the cache. */
function usePreferencesInForce(): void {
  const state = useSession();
  const user = state.phase === "signed_in" || state.phase === "expired" ? state.user : null;
  // Without keeping transitions the library would write a style element, which the content security policy refuses.
  const { setColorScheme } = useMantineColorScheme({ keepTransitions: true });
  const userId = user?.user_id;
  const { theme, density, time_zone: zone } = user?.preferences ?? {};
  useEffect(() => {
    if (theme !== undefined) setColorScheme(schemeOf(theme));
  }, [theme, setColorScheme]);
  useEffect(() => {
    if (density !== undefined) applyDensity(density);
  }, [density]);
  useEffect(() => {
    if (zone !== undefined) setHomeZone(zone);
  }, [zone]);
  useEffect(() => {
    if (userId === undefined) return;
    return () => queryClient.clear();
  }, [userId]);
}
