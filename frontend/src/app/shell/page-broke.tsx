import { Button } from "@mantine/core";
import { Component, type ReactNode } from "react";
import { Link, useLocation } from "react-router";
import { PageFrame } from "@/ui/page/page-frame";
import { EmptyState, ProblemState } from "@/ui/states/states";

/** A page that throws, or whose code does not load, breaks alone; going elsewhere is a new start. */
export function PageBoundary({ children }: { children: ReactNode }) {
  const { pathname } = useLocation();
  return <Boundary key={pathname}>{children}</Boundary>;
}

class Boundary extends Component<{ children: ReactNode }, { error: unknown }> {
  override state = { error: null };

  static getDerivedStateFromError(error: unknown) {
    return { error };
  }

  override render() {
    if (this.state.error === null) return this.props.children;
    return (
      <PageFrame title="This page broke">
        <ProblemState problem={this.state.error} onRetry={() => window.location.reload()} />
      </PageFrame>
    );
  }
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
