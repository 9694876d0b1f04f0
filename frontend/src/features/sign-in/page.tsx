import { Anchor, Button, PasswordInput, Stack, TextInput } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { type FormEvent, useState } from "react";
import { Link, Navigate, useSearchParams } from "react-router";
import { api, take } from "@/api/client";
import { ApiProblem } from "@/api/problem";
import { session, useSession } from "@/api/session";
import { ProblemLine } from "@/ui/dialog/confirm";
import { duration } from "@/ui/time/format";
import { DoorFrame } from "./door-frame";
import { wayBack } from "./way-back";

export default function SignInPage() {
  const state = useSession();
  const [params] = useSearchParams();
  const next = wayBack(params.get("next"));
  const providers = useQuery({
    queryKey: ["providers"],
    queryFn: ({ signal }) => take(api.GET("/auth/providers", { signal })),
    staleTime: Number.POSITIVE_INFINITY,
  });
  if (state.phase === "signed_in") return <Navigate to={next} replace />;
  return (
    <DoorFrame title="Sign in">
      <Stack gap="md">
        <PasswordForm refusedByGoogle={params.get("error")} />
        {providers.data?.google === true && (
          <Button
            component="a"
            variant="default"
            href={`/api/v1/auth/google/start?next=${encodeURIComponent(next)}`}
            leftSection={<GoogleMark />}
          >
            Continue with Google
          </Button>
        )}
      </Stack>
    </DoorFrame>
  );
}

/** Why the way through Google ended here; the server names the reason in the URL. */
const GOOGLE_REFUSALS: Readonly<Record<string, string>> = {
  cancelled: "You left Google's page before it signed you in.",
  state_invalid: "That attempt was too old, or begun in another browser. Try again.",
  provider_failed: "Google did not answer as it should. Try again, or use your password.",
  no_account: "No account here has that Google address. Ask an administrator for an invitation.",
};

function PasswordForm({ refusedByGoogle }: { refusedByGoogle: string | null }) {
  const [email, setEmail] = useState("");
  const [password, setPassword] = useState("");
  const [busy, setBusy] = useState(false);
  const [problem, setProblem] = useState<unknown>(null);

  const submit = async (event: FormEvent) => {
    event.preventDefault();
    setBusy(true);
    setProblem(null);
    try {
      await session.signIn(email.trim(), password);
    } catch (error) {
      setProblem(error);
      setPassword("");
      setBusy(false);
    }
  };

  return (
    <form onSubmit={(event) => void submit(event)}>
      <Stack gap="sm">
        {problem !== null && <ProblemLine problem={friendly(problem)} />}
        {problem === null && refusedByGoogle !== null && (
          <ProblemLine
            problem={new Error(GOOGLE_REFUSALS[refusedByGoogle] ?? "Google did not sign you in.")}
          />
        )}
        <TextInput
          label="E-mail"
          type="email"
          name="email"
          autoComplete="username"
          autoFocus
          required
          withAsterisk={false}
          value={email}
          onChange={(event) => setEmail(event.currentTarget.value)}
        />
        <PasswordInput
          label="Password"
          name="password"
          autoComplete="current-password"
          required
          withAsterisk={false}
          value={password}
          onChange={(event) => setPassword(event.currentTarget.value)}
        />
        <Button type="submit" loading={busy} mt={4}>
          Sign in
        </Button>
        <Anchor component={Link} to="/reset-password" size="sm">
          Forgot your password?
        </Anchor>
      </Stack>
    </form>
  );
}

/** Says when to try again, where the server knows. */
function friendly(problem: unknown): unknown {
  if (!(problem instanceof ApiProblem) || problem.retryAfterS === null) return problem;
  return new ApiProblem({
    status: problem.status,
    code: problem.code,
    title: problem.title,
    detail: `${problem.message} Try again in ${duration(problem.retryAfterS)}.`,
    correlation_id: problem.correlationId ?? "",
  });
}

function GoogleMark() {
  return (
    <svg width="16" height="16" viewBox="0 0 48 48" aria-hidden="true" focusable="false">
      <path
        fill="#EA4335"
        d="M24 9.5c3.5 0 6.7 1.2 9.2 3.6l6.9-6.9A24 24 0 0 0 2.6 13.2l8 6.2C12.4 13.7 17.7 9.5 24 9.5z"
      />
      <path
        fill="#4285F4"
        d="M47 24.6c0-1.6-.2-3.1-.4-4.6H24v9h12.9c-.6 3-2.3 5.5-4.8 7.2l7.7 6A24 24 0 0 0 47 24.6z"
      />
      <path fill="#FBBC05" d="M10.5 28.6a14.5 14.5 0 0 1 0-9.2l-8-6.2a24 24 0 0 0 0 21.6z" />
      <path
        fill="#34A853"
        d="M24 48c6.5 0 11.9-2.1 15.9-5.8l-7.7-6c-2.2 1.5-5 2.3-8.2 2.3-6.3 0-11.6-4.2-13.5-9.9l-8 6.2A24 24 0 0 0 24 48z"
      />
    </svg>
  );
}
