import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import { Link } from "react-router";
import { useMe } from "@/api/session";
import type { Role } from "@/api/types";
import { ROLE_LABELS, useRefusal } from "@/ui/access/access";
import { GuardedButton } from "@/ui/access/guarded-button";
import { Identifier } from "@/ui/copy/identifier";
import { ConfirmDialog } from "@/ui/dialog/confirm";
import { links } from "@/ui/links/links";
import { Facts } from "@/ui/page/page-frame";
import { LoadingBlock, ProblemState } from "@/ui/states/states";
import { Time } from "@/ui/time/time";
import { problemToast, toast } from "@/ui/toast/toast";
import { InvitationLink } from "./invitation-link";
import { RoleChoice } from "./role-choice";
import { changeUser, inviteAgain, USERS_KEY, type User, type UserChange, userOptions } from "./users";
import classes from "./users.module.css";
import { UserStatus } from "./users-list";

export function UserBody({ userId }: { userId: string }) {
  const query = useQuery(userOptions(userId));
  if (query.data !== undefined) return <KnownUser user={query.data} />;
  if (query.isError) return <ProblemState problem={query.error} onRetry={() => void query.refetch()} />;
  return <LoadingBlock height={240} />;
}

type Asking = "role" | "disable" | "enable";

function KnownUser({ user }: { user: User }) {
  const me = useMe();
  const adminRefusal = useRefusal("admin");
  const [asking, setAsking] = useState<Asking | null>(null);
  const invite = useMutation({
    mutationFn: () => inviteAgain(user.user_id),
    onError: (error) => problemToast("No invitation was made", error),
  });
  const own = me.user_id === user.user_id ? "Somebody else has to do that to you." : null;
  const refusal = adminRefusal ?? own;
  const invitable = user.status === "invited" ? null : "Only for people who have not signed in so far.";
  return (
    <>
      <div className={classes.buttons}>
        <GuardedButton size="compact-xs" refusal={refusal} onClick={() => setAsking("role")}>
          Change the role
        </GuardedButton>
        <GuardedButton
          size="compact-xs"
          variant="default"
          refusal={adminRefusal ?? invitable}
          loading={invite.isPending}
          onClick={() => invite.mutate()}
        >
          New invitation
        </GuardedButton>
        <GuardedButton
          size="compact-xs"
          variant="default"
          refusal={refusal}
          onClick={() => setAsking(user.status === "disabled" ? "enable" : "disable")}
        >
          {user.status === "disabled" ? "Enable" : "Disable"}
        </GuardedButton>
      </div>
      <Facts
        facts={[
          { label: "Name", value: user.name },
          { label: "E-mail", value: user.email },
          { label: "Role", value: ROLE_LABELS[user.role] },
          { label: "Status", value: <UserStatus status={user.status} /> },
          { label: "Created", value: <Time at={user.created_at} as="full" /> },
          {
            label: "Last signed in",
            value: user.last_sign_in_at === null ? "Never" : <Time at={user.last_sign_in_at} as="full" />,
          },
          { label: "Id", value: <Identifier value={user.user_id} what="user id" /> },
        ]}
      />
      <p className={classes.text}>
        <Link to={links.audit({ actor: `user:${user.email}` })}>What they did</Link>
        {" · "}
        <Link to={links.audit({ subject_kind: "user", subject_id: user.user_id })}>
          What was done to the account
        </Link>
      </p>
      {asking !== null && <ChangeDialog user={user} asking={asking} onClose={() => setAsking(null)} />}
      {invite.data !== undefined && <InvitationLink invitation={invite.data} onClose={invite.reset} />}
    </>
  );
}

const WORDS = {
  disable: {
    confirm: "Disable the account",
    text: "Every session ends with its next call, and signing in is refused. What they did stays in the audit log.",
  },
  enable: { confirm: "Enable the account", text: "They can sign in again, with the role that they had." },
} as const;

function ChangeDialog({ user, asking, onClose }: { user: User; asking: Asking; onClose: () => void }) {
  const client = useQueryClient();
  const [role, setRole] = useState<Role>(user.role);
  const change: UserChange = asking === "role" ? { role } : { disabled: asking === "disable" };
  const save = useMutation({
    mutationFn: () => changeUser(user, change),
    onSuccess: () => {
      toast(asking === "role" ? `${user.name} is ${ROLE_LABELS[role]} now.` : `${user.name}: ${asking}d.`);
      onClose();
    },
    onSettled: () => client.invalidateQueries({ queryKey: USERS_KEY }),
  });
  const dialog = {
    opened: true,
    busy: save.isPending,
    problem: save.error ?? undefined,
    onClose,
    onConfirm: () => save.mutate(),
  } as const;
  if (asking === "role") {
    return (
      <ConfirmDialog
        {...dialog}
        title={`Role of ${user.name}`}
        confirm={`Make them ${ROLE_LABELS[role]}`}
        missing={role === user.role ? "That is the role they have." : null}
      >
        <RoleChoice label="Role" role={role} onRole={setRole} />
        <p className={classes.text}>It holds from their next call on; open pages of theirs follow.</p>
      </ConfirmDialog>
    );
  }
  return (
    <ConfirmDialog
      {...dialog}
      title={`${asking === "disable" ? "Disable" : "Enable"} ${user.name}`}
      confirm={WORDS[asking].confirm}
      danger={asking === "disable"}
    >
      <p className={classes.text}>{WORDS[asking].text}</p>
    </ConfirmDialog>
  );
}
