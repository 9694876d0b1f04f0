import { NativeSelect, SegmentedControl, Switch } from "@mantine/core";
import { useMemo } from "react";
import type { Preferences } from "@/api/types";
import { Section } from "@/ui/page/page-frame";
import { absolute, zoneLabel } from "@/ui/time/format";
import { useNow } from "@/ui/time/now";
import { browserZone } from "@/ui/time/zone";
import classes from "./profile.module.css";
import { usePreferences } from "./use-preferences";

const THEMES = [
  { value: "system", label: "As the system" },
  { value: "light", label: "Light" },
  { value: "dark", label: "Dark" },
];

const DENSITIES = [
  { value: "comfortable", label: "Comfortable" },
  { value: "compact", label: "Compact" },
];

const SEVERITIES = [
  { value: "none", label: "Never" },
  { value: "critical", label: "Critical" },
  { value: "high", label: "High and above" },
  { value: "warning", label: "Warning and above" },
  { value: "info", label: "All" },
];

export function PreferencesSection() {
  const { preferences, put } = usePreferences();
  const { notifications } = preferences;
  return (
    <Section title="Preferences" aside="Kept with your account, on every device">
      <div className={classes.preferences}>
        <Choice
          label="Theme"
          value={preferences.theme}
          data={THEMES}
          onChange={(value) => put({ theme: value as Preferences["theme"] })}
        />
        <Choice
          label="Rows of tables"
          value={preferences.density}
          data={DENSITIES}
          onChange={(value) => put({ density: value as Preferences["density"] })}
        />
        <ZoneChoice zone={preferences.time_zone} onZone={(zone) => put({ time_zone: zone })} />
        <NativeSelect
          label="Tell me of new alerts"
          description="As a note in the corner, on whatever page you are."
          value={notifications.alerts_min_severity}
          data={SEVERITIES}
          onChange={(event) =>
            put({
              notifications: {
                ...notifications,
                alerts_min_severity: event.currentTarget
                  .value as Preferences["notifications"]["alerts_min_severity"],
              },
            })
          }
        />
        <Switch
          label="With a sound"
          checked={notifications.sound}
          disabled={notifications.alerts_min_severity === "none"}
          onChange={(event) =>
            put({ notifications: { ...notifications, sound: event.currentTarget.checked } })
          }
        />
      </div>
    </Section>
  );
}

interface ChoiceProps {
  label: string;
  value: string;
  data: { value: string; label: string }[];
  onChange: (value: string) => void;
}

function Choice({ label, value, data, onChange }: ChoiceProps) {
  return (
    <div>
      <div className={classes.label} aria-hidden>
        {label}
      </div>
      <SegmentedControl size="xs" aria-label={label} value={value} data={data} onChange={onChange} />
    </div>
  );
}

function ZoneChoice({ zone, onZone }: { zone: string; onZone: (zone: string) => void }) {
  const now = new Date(useNow());
  const own = browserZone();
  const zones = useMemo(() => {
    const all = new Set(["UTC", own, ...Intl.supportedValuesOf("timeZone"), zone]);
    return [...all].sort((left, right) => rank(left, own) - rank(right, own) || left.localeCompare(right));
  }, [own, zone]);
  return (
    <NativeSelect
      label="Time zone"
      description={`It is ${absolute(now, zone).slice(0, 16)} ${zoneLabel(zone, now)} there. The key u shows UTC on any page.`}
      value={zone}
      data={zones.map((each) => ({ value: each, label: each === own ? `${each} (this browser's)` : each }))}
      onChange={(event) => onZone(event.currentTarget.value)}
    />
  );
}

/** The two that are chosen most stand first. */
function rank(zone: string, own: string): number {
  if (zone === "UTC") return 0;
  return zone === own ? 1 : 2;
}
