import { Button, TextInput } from "@mantine/core";
import { useMutation } from "@tanstack/react-query";
import { type FormEvent, useState } from "react";
import { ApiProblem } from "@/api/problem";
import { session, useMe } from "@/api/session";
import { ROLE_LABELS } from "@/ui/access/access";
import { ProblemLine } from "@/ui/dialog/confirm";
import { Facts, Section } from "@/ui/page/page-frame";
import { toast } from "@/ui/toast/toast";
import { rename } from "./profile";
import classes from "./profile.module.css";

export function AccountSection() {
  const me = useMe();
  const [name, setName] = useState(me.name);
  const save = useMutation({
    mutationFn: () => rename(name.trim()),
    onSuccess: (user) => {
      session.updateUser(user);
      setName(user.name);
      toast("Your name is changed.");
    },
  });
  const submit = (event: FormEvent) => {
    event.preventDefault();
    if (name.trim() !== "" && name.trim() !== me.name) save.mutate();
  };
  const fault = save.error instanceof ApiProblem ? save.error.fault("name") : undefined;
  return (
    <Section title="Account">
      <div className={classes.column}>
        <Facts
          facts={[
            { label: "E-mail", value: me.email },
            { label: "Role", value: ROLE_LABELS[me.role] },
          ]}
        />
        <form className={classes.inline} onSubmit={submit}>
          <TextInput
            label="Name"
            autoComplete="name"
            maxLength={200}
            value={name}
            error={fault}
            onChange={(event) => setName(event.currentTarget.value)}
          />
          <Button
            type="submit"
            variant="default"
            loading={save.isPending}
            disabled={name.trim() === "" || name.trim() === me.name}
          >
            Change the name
          </Button>
        </form>
        {save.isError && fault === undefined && <ProblemLine problem={save.error} />}
      </div>
    </Section>
  );
}
