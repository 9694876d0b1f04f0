import { Button, PasswordInput } from "@mantine/core";
import { useMutation } from "@tanstack/react-query";
import { type FormEvent, useState } from "react";
import { ApiProblem } from "@/api/problem";
import { useMe } from "@/api/session";
import { ProblemLine } from "@/ui/dialog/confirm";
import { Section } from "@/ui/page/page-frame";
import { toast } from "@/ui/toast/toast";
import { changePassword } from "./profile";
import classes from "./profile.module.css";

const FIELDS = ["current_password", "new_password"] as const;

export function PasswordSection() {
  const me = useMe();
  const [current, setCurrent] = useState("");
  const [next, setNext] = useState("");
  const [again, setAgain] = useState("");
  const change = useMutation({
    mutationFn: () => changePassword(current, next),
    onSuccess: () => {
      setCurrent("");
      setNext("");
      setAgain("");
      toast("The password is changed. Your other sessions are over.");
    },
  });
  const fault = (field: (typeof FIELDS)[number]) =>
    change.error instanceof ApiProblem ? change.error.fault(field) : undefined;
  const differs = again !== "" && again !== next ? "It is not the same." : null;
  const submit = (event: FormEvent) => {
    event.preventDefault();
    if (current !== "" && next !== "" && again === next) change.mutate();
  };
  return (
    <Section title="Password">
      <form className={classes.column} onSubmit={submit}>
        {/* Password managers look for whose password it is. */}
        <input type="text" name="username" autoComplete="username" value={me.email} readOnly hidden />
        <PasswordInput
          label="Current password"
          autoComplete="current-password"
          value={current}
          error={fault("current_password")}
          onChange={(event) => setCurrent(event.currentTarget.value)}
        />
        <PasswordInput
          label="New password"
          autoComplete="new-password"
          value={next}
          error={fault("new_password")}
          onChange={(event) => setNext(event.currentTarget.value)}
        />
        <PasswordInput
          label="New password, once more"
          autoComplete="new-password"
          value={again}
          error={differs}
          onChange={(event) => setAgain(event.currentTarget.value)}
        />
        {change.isError && FIELDS.every((field) => fault(field) === undefined) && (
          <ProblemLine problem={change.error} />
        )}
        <div>
          <Button
            type="submit"
            variant="default"
            loading={change.isPending}
            disabled={current === "" || next === "" || again !== next}
          >
            Change the password
          </Button>
        </div>
      </form>
    </Section>
  );
}
