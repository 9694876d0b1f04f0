import { Button } from "@mantine/core";
import { Link, useRouteError } from "react-router";
import { PageFrame } from "@/ui/page/page-frame";
import { EmptyState, ProblemState } from "@/ui/states/states";

/** A page that threw, or whose code did not load; the rest of the console goes on. */
export function PageBroke() {
  const error = useRouteError();
  return (
    <PageFrame title="This page broke">
      <ProblemState problem={error} onRetry={() => window.location.reload()} />
    </PageFrame>
  );
}

export function NotFound() {
  return (
    <PageFrame title="No such page">
      <EmptyState title="Nothing lives at this address">
        <p>The link may be older than this version of the console.</p>
        <Button component={Link} to="/" variant="default" size="xs">
          Dashboard
        </Button>
      </EmptyState>
    </PageFrame>
  );
}
