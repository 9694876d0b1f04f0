import { Button, Modal, PasswordInput, Stack } from "@mantine/core";
import { type FormEvent, useState } from "react";
import { queryClient } from "@/api/query";
import { session } from "@/api/session";
import { ProblemLine } from "@/ui/dialog/confirm";

/** The session ended while a page was open: the page stays as it is, and so does what was typed into it. */
export default function ExpiredDialog({ email }: { email: string }) {
  const [password, setPassword] = useState("");
  const [busy, setBusy] = useState(false);
  const [problem, setProblem] = useState<unknown>(null);
  const submit = async (event: FormEvent) => {
    event.preventDefault();
    setBusy(true);
    setProblem(null);
    try {
      await session.signIn(email, password);
      await queryClient.invalidateQueries();
    } catch (error) {
      setProblem(error);
      setBusy(false);
    }
  };
  return (
    <Modal opened onClose={() => undefined} withCloseButton={false} title="Your session has ended" size={400}>
      <form onSubmit={(event) => void submit(event)}>
        <Stack gap="sm">
          <p style={{ margin: 0 }}>
            Sign in again as <strong>{email}</strong>. The page behind stays as you left it.
          </p>
          <PasswordInput
            label="Password"
            autoComplete="current-password"
            data-autofocus
            value={password}
            onChange={(event) => setPassword(event.currentTarget.value)}
          />
          {problem !== null && <ProblemLine problem={problem} />}
          <Button type="submit" loading={busy} disabled={password === ""}>
            Sign in
          </Button>
          <Button variant="subtle" color="gray" onClick={() => session.forget()}>
            Leave this page
          </Button>
        </Stack>
      </form>
    </Modal>
  );
}
