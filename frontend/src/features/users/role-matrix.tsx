import { useQuery } from "@tanstack/react-query";
import { ROLE_LABELS } from "@/ui/access/access";
import { Section } from "@/ui/page/page-frame";
import { LoadingBlock, ProblemState } from "@/ui/states/states";
import { type AbilityGroup, accessMatrix, may, ROLES } from "./access-matrix";
import { documentOptions } from "./users";
import classes from "./users.module.css";

/** What each role may do, operation by operation, as the API itself declares and enforces it. */
export function RoleMatrix() {
  const query = useQuery(documentOptions());
  if (query.data === undefined) {
    if (query.isError) return <ProblemState problem={query.error} onRetry={() => void query.refetch()} />;
    return <LoadingBlock height={420} />;
  }
  return (
    <>
      <p className={classes.text}>
        From the API's own document: what is not allowed here is refused there, whatever the console shows.
      </p>
      {accessMatrix(query.data).map((group) => (
        <GroupTable key={group.tag} group={group} />
      ))}
    </>
  );
}

function GroupTable({ group }: { group: AbilityGroup }) {
  const title = group.tag.charAt(0).toUpperCase() + group.tag.slice(1).replaceAll(/[-_]/g, " ");
  return (
    <Section title={title} flush>
      <table className={classes.matrix} aria-label={title}>
        <thead>
          <tr>
            <th scope="col">Operation</th>
            {ROLES.map((role) => (
              <th key={role} scope="col" className={classes.role}>
                {ROLE_LABELS[role]}
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {group.abilities.map((ability) => (
            <tr key={ability.operation}>
              <th scope="row">{ability.summary}</th>
              {ROLES.map((role) => (
                <td key={role} className={classes.role} data-may={may(role, ability) || undefined}>
                  {may(role, ability) ? "Yes" : "–"}
                </td>
              ))}
            </tr>
          ))}
        </tbody>
      </table>
    </Section>
  );
}
