import { Store, useStore } from "@/api/store";

/**
 * The zone in which every absolute time of the console is written: the user's own, or UTC while the key `u` has it
 * so. One store for all pages, so that no page mixes zones.
 */
export interface ZoneChoice {
  home: string;
  utc: boolean;
}

export const zoneChoice = new Store<ZoneChoice>({ home: browserZone(), utc: false });

export function browserZone(): string {
  return Intl.DateTimeFormat().resolvedOptions().timeZone || "UTC";
}

/** Takes the zone of the user's preferences; a name that this browser does not know falls back to its own. */
export function setHomeZone(zone: string): void {
  zoneChoice.set({ ...zoneChoice.get(), home: knownZone(zone) ? zone : browserZone() });
}

export function toggleUtc(): void {
  const choice = zoneChoice.get();
  zoneChoice.set({ ...choice, utc: !choice.utc });
}

export function knownZone(zone: string): boolean {
  try {
    new Intl.DateTimeFormat("en", { timeZone: zone });
    return true;
  } catch {
    return false;
  }
}

/** The zone in force. */
export function useZone(): string {
  const choice = useStore(zoneChoice);
  return choice.utc ? "UTC" : choice.home;
}

export function currentZone(): string {
  const choice = zoneChoice.get();
  return choice.utc ? "UTC" : choice.home;
}
