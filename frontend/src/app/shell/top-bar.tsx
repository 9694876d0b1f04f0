import { ActionIcon, Kbd, Tooltip, UnstyledButton } from "@mantine/core";
import { Menu as MenuIcon, Search } from "lucide-react";
import { zoneLabel } from "@/ui/time/format";
import { toggleUtc, useZone } from "@/ui/time/zone";
import { LiveButton } from "./live-button";
import classes from "./top-bar.module.css";

interface TopBarProps {
  onMenu: () => void;
  onPalette: () => void;
}

export function TopBar({ onMenu, onPalette }: TopBarProps) {
  const zone = useZone();
  return (
    <section className={classes.bar} aria-label="Search and live updates">
      <ActionIcon
        className={classes.menu}
        variant="subtle"
        color="gray"
        size={36}
        aria-label="Menu"
        onClick={onMenu}
      >
        <MenuIcon size={18} aria-hidden />
      </ActionIcon>
      <UnstyledButton className={classes.search} onClick={onPalette}>
        <Search size={14} aria-hidden />
        <span>Find a payment or go to a page</span>
        <Kbd size="xs">{modifier()} K</Kbd>
      </UnstyledButton>
      <div className={classes.end}>
        <Tooltip label={`Times are in ${zone}. Press u for ${zone === "UTC" ? "your zone" : "UTC"}.`}>
          <UnstyledButton
            className={classes.zone}
            onClick={toggleUtc}
            aria-label={`${zoneLabel(zone)}: times are in ${zone}`}
          >
            {zoneLabel(zone)}
          </UnstyledButton>
        </Tooltip>
        <LiveButton />
      </div>
    </section>
  );
}

function modifier(): string {
  return /Mac|iPhone|iPad/.test(navigator.platform) ? "⌘" : "Ctrl";
}
