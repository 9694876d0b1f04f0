import { useMutation } from "@tanstack/react-query";
import { useMemo } from "react";
import { api, take } from "@/api/client";
import { session, useMe } from "@/api/session";
import { problemToast } from "@/ui/toast/toast";
import type { Column, ListDefinition } from "./definition";

export interface ColumnChoice<Row> {
  shown: readonly Column<Row>[];
  isShown: (id: string) => boolean;
  toggle: (id: string) => void;
  reset: () => void;
  /** True where the user's choice differs from the list's own. */
  changed: boolean;
}

/** The columns that this user sees, kept with the user's preferences. The first column always stays. */
export function useColumns<Row>(definition: ListDefinition<Row>): ColumnChoice<Row> {
  const me = useMe();
  const saved = me.preferences.columns[definition.name];
  const save = useMutation({
    mutationFn: (ids: string[]) =>
      take(
        api.PATCH("/users/me/preferences", {
          body: { columns: { ...me.preferences.columns, [definition.name]: ids } },
        }),
      ),
    onSuccess: (user) => session.updateUser(user),
    onError: (error) => {
      session.updateUser(me);
      problemToast("The columns were not saved", error);
    },
  });
  return useMemo(() => {
    const own = definition.columns.filter((column) => column.initial).map((column) => column.id);
    const known = saved?.filter((id) => definition.columns.some((column) => column.id === id)) ?? [];
    const chosen = new Set(known.length > 0 ? known : own);
    const isShown = (id: string) => id === definition.columns[0]?.id || chosen.has(id);
    const put = (ids: string[]) => {
      const columns = { ...me.preferences.columns, [definition.name]: ids };
      session.updateUser({ ...me, preferences: { ...me.preferences, columns } });
      save.mutate(ids);
    };
    return {
      shown: definition.columns.filter((column) => isShown(column.id)),
      isShown,
      toggle: (id) =>
        put(
          definition.columns
            .map((column) => column.id)
            .filter((each) => (each === id ? !isShown(each) : isShown(each))),
        ),
      reset: () => put(own),
      changed: known.length > 0 && known.join() !== own.join(),
    };
  }, [definition, saved, me, save]);
}
