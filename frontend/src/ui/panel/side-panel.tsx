import { ActionIcon, Tooltip } from "@mantine/core";
import { Maximize2, X } from "lucide-react";
import type { ReactNode } from "react";
import { Link } from "react-router";
import { useKeys } from "@/ui/keys/keys";
import classes from "./side-panel.module.css";

interface SidePanelProps {
  title: ReactNode;
  /** The full page of the same thing. */
  href?: string;
  onClose: () => void;
  children: ReactNode;
}

/** Beside the list on a wide screen, over it on a narrow one. The list stays in reach of the keyboard. */
export function SidePanel({ title, href, onClose, children }: SidePanelProps) {
  useKeys([{ keys: "Escape", label: "Close the panel", group: "List", run: onClose }]);
  return (
    <aside className={classes.panel} aria-label="Details">
      <header className={classes.header}>
        <div className={classes.title}>{title}</div>
        {href !== undefined && (
          <Tooltip label="Full page">
            <ActionIcon component={Link} to={href} variant="subtle" color="gray" aria-label="Full page">
              <Maximize2 size={15} aria-hidden />
            </ActionIcon>
          </Tooltip>
        )}
        <ActionIcon variant="subtle" color="gray" aria-label="Close the panel" onClick={onClose}>
          <X size={16} aria-hidden />
        </ActionIcon>
      </header>
      {/* A scrolling region has to be reachable by keyboard even when it holds no control. */}
      {/* biome-ignore lint/a11y/noNoninteractiveTabindex: see above */}
      <div className={classes.body} tabIndex={0} role="region" aria-label="Details of the row">
        {children}
      </div>
    </aside>
  );
}
