import { SegmentedControl } from "@mantine/core";
import { useState } from "react";
import { useSearchParams } from "react-router";
import { useRefusal } from "@/ui/access/access";
import { GuardedButton } from "@/ui/access/guarded-button";
import { ListFrame } from "@/ui/list/list-frame";
import { PageFrame } from "@/ui/page/page-frame";
import { InviteDialog } from "./invite-dialog";
import { RoleMatrix } from "./role-matrix";
import { UserBody } from "./user-body";
import { fetchUsers, USERS_KEY, type User, type UsersQuery } from "./users";
import { usersList } from "./users-list";

export default function UsersPage() {
  const [params, setParams] = useSearchParams();
  const [inviting, setInviting] = useState(false);
  const refusal = useRefusal("admin");
  const view = params.get("view") === "roles" ? "roles" : "people";
  const actions = (
    <>
      <SegmentedControl
        size="xs"
        aria-label="Show"
        value={view}
        onChange={(value) => setParams(value === "roles" ? { view: "roles" } : {})}
        data={[
          { value: "people", label: "People" },
          { value: "roles", label: "Roles" },
        ]}
      />
      <GuardedButton size="xs" refusal={refusal} onClick={() => setInviting(true)}>
        Invite
      </GuardedButton>
    </>
  );
  return (
    <>
      {view === "roles" ? (
        <PageFrame title="Users" actions={actions}>
          <RoleMatrix />
        </PageFrame>
      ) : (
        <ListFrame<User, UsersQuery>
          title="Users"
          definition={usersList}
          queryKey={USERS_KEY}
          rowKey={(user) => user.user_id}
          fetchPage={fetchUsers}
          empty={{ title: "Nobody but you", text: "Invite the people who work with payments." }}
          actions={actions}
          panel={{ title: () => "User", body: (userId) => <UserBody userId={userId} /> }}
        />
      )}
      {inviting && <InviteDialog onClose={() => setInviting(false)} />}
    </>
  );
}
