import { Anchor, Button, PasswordInput, Stack, TextInput } from "@mantine/core";
import { type FormEvent, useState } from "react";
import { Link, useSearchParams } from "react-router";
import { api, take } from "@/api/client";
import { ApiProblem } from "@/api/problem";
import { ProblemLine } from "@/ui/dialog/confirm";
import { DoorFrame } from "./door-frame";

/** With a token from an invitation or a reset mail: a new password. Without: asks for such a mail. */
export default function ResetPage() {
  const [params] = useSearchParams();
  const token = params.get("token");
  return token === null ? <AskForLink /> : <NewPassword token={token} invited={params.has("invited")} />;
}

function useSending() {
  const [state, setState] = useState<"ready" | "busy" | "done">("ready");
  const [problem, setProblem] = useState<unknown>(null);
  const send = async (call: () => Promise<unknown>) => {
    setState("busy");
    setProblem(null);
    try {
      await call();
      setState("done");
    } catch (error) {
      setProblem(error);
      setState("ready");
    }
  };
  return { state, problem, send };
}

function AskForLink() {
  const [email, setEmail] = useState("");
  const { state, problem, send } = useSending();
  const submit = (event: FormEvent) => {
    event.preventDefault();
    void send(() => take(api.POST("/auth/password/forgot", { body: { email: email.trim() } })));
  };
  if (state === "done") {
    return (
      <DoorFrame title="Look into your mail">
        <Stack gap="md">
          <p style={{ margin: 0 }}>
            If <strong>{email}</strong> has an account, a link to choose a new password is on its way. It
            works once.
          </p>
          <BackToSignIn />
        </Stack>
      </DoorFrame>
    );
  }
  return (
    <DoorFrame title="Choose a new password">
      <form onSubmit={submit}>
        <Stack gap="sm">
          {problem !== null && <ProblemLine problem={problem} />}
          <TextInput
            label="E-mail"
            description="We send a link that lets you choose a new password."
            type="email"
            autoComplete="username"
            autoFocus
            required
            withAsterisk={false}
            value={email}
            onChange={(event) => setEmail(event.currentTarget.value)}
          />
          <Button type="submit" loading={state === "busy"} mt={4}>
            Send the link
          </Button>
          <BackToSignIn />
        </Stack>
      </form>
    </DoorFrame>
  );
}

function NewPassword({ token, invited }: { token: string; invited: boolean }) {
  const [password, setPassword] = useState("");
  const [again, setAgain] = useState("");
  const { state, problem, send } = useSending();
  const differs = again !== "" && again !== password ? "The two passwords differ." : null;
  const submit = (event: FormEvent) => {
    event.preventDefault();
    if (again !== password) return;
    void send(() => take(api.POST("/auth/password/reset", { body: { token, new_password: password } })));
  };
  if (state === "done") {
    return (
      <DoorFrame title="Your password is set">
        <Button component={Link} to="/sign-in" fullWidth>
          Sign in
        </Button>
      </DoorFrame>
    );
  }
  const spent = problem instanceof ApiProblem && problem.code === "link_invalid";
  return (
    <DoorFrame title={invited ? "Welcome to PayFlow" : "Choose a new password"}>
      <form onSubmit={submit}>
        <Stack gap="sm">
          {problem !== null && <ProblemLine problem={problem} fields={["new_password"]} />}
          <PasswordInput
            label={invited ? "Choose a password" : "New password"}
            autoComplete="new-password"
            autoFocus
            required
            withAsterisk={false}
            value={password}
            error={problem instanceof ApiProblem ? problem.fault("new_password") : undefined}
            onChange={(event) => setPassword(event.currentTarget.value)}
          />
          <PasswordInput
            label="The same again"
            autoComplete="new-password"
            required
            withAsterisk={false}
            value={again}
            error={differs}
            onChange={(event) => setAgain(event.currentTarget.value)}
          />
          <Button type="submit" loading={state === "busy"} mt={4}>
            Set the password
          </Button>
          {spent && (
            <Anchor component={Link} to="/reset-password" size="sm">
              Ask for a new link
            </Anchor>
          )}
        </Stack>
      </form>
    </DoorFrame>
  );
}

function BackToSignIn() {
  return (
    <Anchor component={Link} to="/sign-in" size="sm">
      Back to signing in
    </Anchor>
  );
}
