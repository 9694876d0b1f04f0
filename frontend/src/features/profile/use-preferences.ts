import { useMutation } from "@tanstack/react-query";
import { session, useMe } from "@/api/session";
import type { Preferences } from "@/api/types";
import { problemToast } from "@/ui/toast/toast";
import { savePreferences } from "./profile";

/** Preferences hold at once; if the server does not keep them, they are put back and the user is told. */
export function usePreferences() {
  const me = useMe();
  const save = useMutation({
    mutationFn: savePreferences,
    onSuccess: (user) => session.updateUser(user),
    onError: (error) => {
      session.updateUser(me);
      problemToast("The preference was not kept", error);
    },
  });
  const put = (change: Partial<Preferences>) => {
    session.updateUser({ ...me, preferences: { ...me.preferences, ...change } });
    save.mutate(change);
  };
  return { preferences: me.preferences, put };
}
