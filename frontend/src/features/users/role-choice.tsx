import { Radio, Stack } from "@mantine/core";
import type { Role } from "@/api/types";
import { ROLE_LABELS } from "@/ui/access/access";

const MEANS: Readonly<Record<Role, string>> = {
  read_only: "Sees payments, alerts, the audit log and the fleet; changes nothing.",
  operator:
    "Also triages alerts, commands payments, replays dead letters, steers the fleet and writes rules.",
  admin: "Also invites and disables people, gives roles, and retires rules and alerts.",
};

/** The three roles in words; each may do what the ones above it may. */
export function RoleChoice({
  role,
  onRole,
  label,
}: {
  role: Role;
  onRole: (role: Role) => void;
  label: string;
}) {
  const roles = Object.keys(MEANS) as Role[];
  return (
    <Radio.Group
      label={label}
      value={role}
      onChange={(value) => onRole(roles.find((each) => each === value) ?? "read_only")}
    >
      <Stack gap={8} mt={8}>
        {roles.map((each) => (
          <Radio key={each} value={each} size="xs" label={ROLE_LABELS[each]} description={MEANS[each]} />
        ))}
      </Stack>
    </Radio.Group>
  );
}
