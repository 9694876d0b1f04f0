import { Link } from "react-router";
import type { Dashboard } from "@/api/types";
import { SEVERITIES, SeverityBadge } from "@/ui/badges/badges";
import { Glyph } from "@/ui/badges/glyph";
import { links } from "@/ui/links/links";
import { Time } from "@/ui/time/time";
import classes from "./open-alerts.module.css";

const ORDER = ["critical", "high", "warning", "info"] as const;

export function OpenAlerts({ alerts }: { alerts: Dashboard["alerts"] }) {
  return (
    <>
      <ul className={classes.counts} aria-label="Open alerts by severity">
        {ORDER.map((severity) => {
          const word = SEVERITIES[severity];
          return (
            <li key={severity} data-tone={alerts.open[severity] > 0 ? word?.tone : "mute"}>
              <Link to={links.alerts({ status: "open", severity })}>
                <strong>{alerts.open[severity]}</strong>
                <span>
                  {word !== undefined && <Glyph name={word.glyph} />}
                  {word?.label}
                </span>
              </Link>
            </li>
          );
        })}
      </ul>
      {alerts.recent.length === 0 ? (
        <p className={classes.none}>No alert is open.</p>
      ) : (
        <ul className={classes.recent} aria-label="Newest alerts">
          {alerts.recent.map((alert) => (
            <li key={alert.alert_id}>
              <SeverityBadge severity={alert.severity} />
              <Link to={links.alert(alert.alert_id)}>{alert.title}</Link>
              <span className={classes.when}>
                <Time at={alert.created_at} as="relative" />
              </span>
            </li>
          ))}
        </ul>
      )}
    </>
  );
}
