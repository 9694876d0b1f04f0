import { Button, UnstyledButton } from "@mantine/core";
import { useState } from "react";
import { SeverityBadge } from "@/ui/badges/badges";
import { Section } from "@/ui/page/page-frame";
import { Time } from "@/ui/time/time";
import { actorWords } from "@/ui/trail/trail";
import { Difference } from "./difference";
import classes from "./rule.module.css";
import type { RuleDetail, RuleVersion } from "./rules";

interface VersionsProps {
  rule: RuleDetail;
  /** Puts the condition of an older version into the editor; null where the role may not. */
  onTake: ((condition: string) => void) | null;
}

/** Every version that there was, with what it changed. Alerts name the version that raised them. */
export function Versions({ rule, onTake }: VersionsProps) {
  const [open, setOpen] = useState<number | null>(null);
  const versions = [...rule.versions].sort((left, right) => right.version - left.version);
  return (
    <Section title="Versions" flush>
      <ol className={classes.versions}>
        {versions.map((version, index) => (
          <li key={version.version}>
            <UnstyledButton
              className={classes.version}
              aria-expanded={open === version.version}
              onClick={() => setOpen(open === version.version ? null : version.version)}
            >
              <strong>Version {version.version}</strong>
              <SeverityBadge severity={version.severity} />
              <span className={classes.by}>{actorWords(version.created_by)}</span>
              <Time at={version.created_at} />
            </UnstyledButton>
            {open === version.version && (
              <OpenVersion
                version={version}
                older={versions[index + 1]}
                onTake={version.version === rule.version ? null : onTake}
              />
            )}
          </li>
        ))}
      </ol>
    </Section>
  );
}

interface OpenVersionProps {
  version: RuleVersion;
  older: RuleVersion | undefined;
  onTake: VersionsProps["onTake"];
}

function OpenVersion({ version, older, onTake }: OpenVersionProps) {
  return (
    <div className={classes.open}>
      {version.description !== "" && <p className={classes.description}>{version.description}</p>}
      <Difference
        older={older?.condition ?? version.condition}
        newer={version.condition}
        label={older === undefined ? "The first condition" : `Differences from version ${older.version}`}
      />
      {onTake !== null && (
        <Button size="compact-xs" variant="default" onClick={() => onTake(version.condition)}>
          Take this condition into the editor
        </Button>
      )}
    </div>
  );
}
