export const WINDOWS = ["live", "15m", "1h", "6h", "24h", "7d"] as const;
export type DashboardWindow = (typeof WINDOWS)[number];

export const WINDOW_LABELS: Readonly<Record<DashboardWindow, string>> = {
  live: "5 min",
  "15m": "15 min",
  "1h": "1 h",
  "6h": "6 h",
  "24h": "24 h",
  "7d": "7 d",
};

/** The window that the URL names; anything else is the last hour. */
export function windowOf(text: string | null): DashboardWindow {
  return WINDOWS.find((window) => window === text) ?? "1h";
}

/** What the API is asked: the last five minutes come from the stream, and the rest of the page from 15 minutes. */
export function apiWindow(window: DashboardWindow): Exclude<DashboardWindow, "live"> {
  return window === "live" ? "15m" : window;
}

/** No window changes faster than its step is worth looking at. */
export function pollMs(window: DashboardWindow): number {
  return window === "24h" || window === "7d" ? 60_000 : 10_000;
}
