import { ROLE_LABELS } from "@/ui/access/access";
import { Badge, type Tone } from "@/ui/badges/badges";
import type { GlyphName } from "@/ui/badges/glyph";
import { defineList } from "@/ui/list/definition";
import { Time } from "@/ui/time/time";
import type { User, UsersQuery } from "./users";

const STATUSES: Readonly<Record<User["status"], { label: string; tone: Tone; glyph: GlyphName }>> = {
  active: { label: "Active", tone: "good", glyph: "full" },
  invited: { label: "Invited", tone: "info", glyph: "dashed" },
  disabled: { label: "Disabled", tone: "mute", glyph: "struck" },
};

export function UserStatus({ status }: { status: User["status"] }) {
  const { label, tone, glyph } = STATUSES[status];
  return (
    <Badge tone={tone} glyph={glyph}>
      {label}
    </Badge>
  );
}

export const usersList = defineList<UsersQuery>()<User>({
  name: "users",
  fields: {},
  words: null,
  sorts: [],
  defaultSort: "",
  columns: [
    {
      id: "name",
      label: "Name",
      initial: true,
      rank: 1,
      cell: (user) => user.name,
      text: (user) => user.name,
    },
    {
      id: "email",
      label: "E-mail",
      initial: true,
      rank: 2,
      cell: (user) => user.email,
      text: (user) => user.email,
    },
    {
      id: "role",
      label: "Role",
      initial: true,
      rank: 1,
      cell: (user) => ROLE_LABELS[user.role],
      text: (user) => user.role,
    },
    {
      id: "status",
      label: "Status",
      initial: true,
      rank: 1,
      cell: (user) => <UserStatus status={user.status} />,
      text: (user) => user.status,
    },
    {
      id: "last_sign_in_at",
      label: "Last signed in",
      initial: true,
      rank: 3,
      align: "end",
      cell: (user) => (user.last_sign_in_at === null ? "Never" : <Time at={user.last_sign_in_at} />),
      text: (user) => user.last_sign_in_at ?? "",
    },
    {
      id: "created_at",
      label: "Created",
      initial: false,
      rank: 3,
      align: "end",
      cell: (user) => <Time at={user.created_at} />,
      text: (user) => user.created_at,
    },
  ],
});
