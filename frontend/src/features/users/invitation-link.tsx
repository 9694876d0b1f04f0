import { Modal } from "@mantine/core";
import { CopyButton } from "@/ui/copy/copy-button";
import type { Invitation } from "./users";
import classes from "./users.module.css";

/** The one-time link, shown once: whoever has it sets the password. */
export function InvitationLink({ invitation, onClose }: { invitation: Invitation; onClose: () => void }) {
  return (
    <Modal
      opened
      onClose={onClose}
      size={520}
      title={`Invitation for ${invitation.user.name}`}
      closeButtonProps={{ "aria-label": "Close" }}
    >
      <p className={classes.text}>
        Send this link to {invitation.user.email}. It works once, and it is not shown again; a new one can be
        made at any time.
      </p>
      <div className={classes.link}>
        <code>{invitation.invitation_url}</code>
        <CopyButton value={invitation.invitation_url ?? ""} label="Copy the link" />
      </div>
    </Modal>
  );
}
