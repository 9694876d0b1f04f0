import { useRef } from "react";
import { useNavigate } from "react-router";
import { useMe } from "@/api/session";
import type { Alert } from "@/api/types";
import { useStreamMessage } from "@/api/use-stream";
import { links } from "@/ui/links/links";
import { linkToast } from "@/ui/toast/toast";
import { beep } from "./beep";

const RANK: Record<Alert["severity"], number> = { info: 0, warning: 1, high: 2, critical: 3 };
/** A storm of alerts is one toast each so often, not a wall of them. */
const AT_MOST_EVERY_MS = 10_000;

/** Tells of new alerts, from the severity on that the user's preferences name. */
export function useAlertToasts(): void {
  const { alerts_min_severity: least, sound } = useMe().preferences.notifications;
  const navigate = useNavigate();
  const last = useRef(Number.NEGATIVE_INFINITY);
  useStreamMessage("alerts", "alert.created", ({ data: alert }) => {
    if (least === "none" || RANK[alert.severity] < RANK[least]) return;
    const now = performance.now();
    if (now - last.current < AT_MOST_EVERY_MS) return;
    last.current = now;
    linkToast(alert.title, alert.payment_id === null ? alert.description : `Payment ${alert.payment_id}`, {
      label: "Open",
      run: () => void navigate(links.alert(alert.alert_id)),
    });
    if (sound) beep();
  });
}
