import { useQuery } from "@tanstack/react-query";
import { useState } from "react";
import { apiQuery } from "@/ui/list/url-state";
import { useListUrl } from "@/ui/list/use-list-url";
import { Time } from "@/ui/time/time";
import { classLabel, reasonWords } from "./classes";
import { type GroupsQuery, groupsOptions, type LetterGroup } from "./dead-letters";
import classes from "./dead-letters.module.css";
import { lettersList } from "./letters-list";

/** Shown before "all": more than that no longer fits a glance. */
const GROUPS_FIRST = 6;

/** What the letters of the filter are, the largest group first: one fault of one sender is often all of it. */
export function Groups() {
  const url = useListUrl(lettersList);
  const [all, setAll] = useState(false);
  // Words are looked for in bodies, which is too much to group by.
  const {
    limit: _limit,
    cursor: _cursor,
    text: _text,
    ...filter
  } = apiQuery(url.state, lettersList, Date.now());
  const query = useQuery(groupsOptions(filter as GroupsQuery));
  const groups = query.data?.groups ?? [];
  if (groups.length < 2) return null;
  const shown = all ? groups : groups.slice(0, GROUPS_FIRST);
  const narrow = (group: LetterGroup) =>
    url.setFilters({
      ...url.state.filters,
      class: [group.class],
      reason: [group.reason],
      ...(group.source === null ? {} : { source: [group.source] }),
    });
  return (
    <section className={classes.groups} aria-label="Groups">
      {shown.map((group) => (
        <button
          type="button"
          key={`${group.class} ${group.reason} ${group.source}`}
          className={classes.group}
          onClick={() => narrow(group)}
        >
          <strong>{group.letters.toLocaleString("en-US")}</strong>
          <span>
            {classLabel(group.class)}: {reasonWords(group.reason)}
          </span>
          <span className={classes.quiet}>
            {group.source === null ? "" : `${group.source} · `}
            <Time at={group.newest_at} as="relative" />
          </span>
        </button>
      ))}
      {groups.length > GROUPS_FIRST && (
        <button type="button" className={classes.group} aria-expanded={all} onClick={() => setAll(!all)}>
          {all ? "Fewer groups" : `All ${groups.length} groups`}
        </button>
      )}
    </section>
  );
}
