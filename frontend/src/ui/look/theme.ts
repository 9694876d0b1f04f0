import {
  createTheme,
  localStorageColorSchemeManager,
  type MantineColorScheme,
  Modal,
  Popover,
  SegmentedControl,
  Tooltip,
} from "@mantine/core";
import type { Preferences } from "@/api/types";

/** Where colours, type and sizes come from: tokens.css. Here is only what a component has to be told in its props. */
export const theme = createTheme({
  primaryColor: "blue",
  fontFamily: "var(--pf-sans)",
  cursorType: "pointer",
  focusRing: "auto",
  respectReducedMotion: true,
  components: {
    // A scroll lock would write a style element, which the content security policy refuses.
    Modal: Modal.extend({
      defaultProps: {
        lockScroll: false,
        transitionProps: { duration: 120 },
        overlayProps: { backgroundOpacity: 0.4 },
      },
    }),
    Popover: Popover.extend({ defaultProps: { transitionProps: { duration: 80 } } }),
    Tooltip: Tooltip.extend({
      defaultProps: { openDelay: 300, transitionProps: { duration: 80 }, fz: "xs" },
    }),
    SegmentedControl: SegmentedControl.extend({ defaultProps: { transitionDuration: 120 } }),
  },
});

/** Read by public/theme.js before the first paint. */
export const colorSchemeManager = localStorageColorSchemeManager({ key: "payflow.theme" });

export function schemeOf(preference: Preferences["theme"]): MantineColorScheme {
  return preference === "system" ? "auto" : preference;
}

export function applyDensity(density: Preferences["density"]): void {
  document.documentElement.setAttribute("data-density", density);
}
