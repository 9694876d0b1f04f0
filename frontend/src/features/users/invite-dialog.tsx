import { TextInput } from "@mantine/core";
import { useMutation, useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import { ApiProblem } from "@/api/problem";
import { ConfirmDialog } from "@/ui/dialog/confirm";
import { InvitationLink } from "./invitation-link";
import { RoleChoice } from "./role-choice";
import { inviteUser, type NewUser, USERS_KEY } from "./users";

export function InviteDialog({ onClose }: { onClose: () => void }) {
  const client = useQueryClient();
  const [user, setUser] = useState<NewUser>({ email: "", name: "", role: "operator" });
  const invite = useMutation({
    mutationFn: () => inviteUser({ ...user, email: user.email.trim(), name: user.name.trim() }),
    onSuccess: () => client.invalidateQueries({ queryKey: USERS_KEY }),
  });
  if (invite.data !== undefined) return <InvitationLink invitation={invite.data} onClose={onClose} />;
  const fault = (field: string) =>
    invite.error instanceof ApiProblem ? invite.error.fault(field) : undefined;
  const known = fault("email") !== undefined || fault("name") !== undefined;
  return (
    <ConfirmDialog
      opened
      title="Invite somebody"
      confirm="Make the invitation"
      missing={user.email.trim() === "" || user.name.trim() === "" ? "Name and e-mail are needed." : null}
      busy={invite.isPending}
      problem={invite.isError && !known ? invite.error : undefined}
      onClose={onClose}
      onConfirm={() => invite.mutate()}
    >
      <TextInput
        label="Name"
        data-autofocus
        autoComplete="off"
        value={user.name}
        error={fault("name")}
        onChange={(event) => setUser({ ...user, name: event.currentTarget.value })}
      />
      <TextInput
        label="E-mail"
        type="email"
        autoComplete="off"
        value={user.email}
        error={fault("email")}
        onChange={(event) => setUser({ ...user, email: event.currentTarget.value })}
      />
      <RoleChoice label="Role" role={user.role} onRole={(role) => setUser({ ...user, role })} />
    </ConfirmDialog>
  );
}
