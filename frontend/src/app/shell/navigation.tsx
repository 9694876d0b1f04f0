import { ActionIcon, CloseButton, Popover, UnstyledButton } from "@mantine/core";
import { ChevronsUpDown, Keyboard, LogOut, UserRound } from "lucide-react";
import { useState } from "react";
import { Link, NavLink, useNavigate } from "react-router";
import { session, useMe } from "@/api/session";
import { ROLE_LABELS } from "@/ui/access/access";
import { useKeys } from "@/ui/keys/keys";
import { links } from "@/ui/links/links";
import { Mark } from "@/ui/look/mark";
import { NAV_GROUPS, navEntries } from "../feature";

import classes from "./navigation.module.css";
import { useNavCounts } from "./use-nav-counts";

interface NavigationProps {
  /** On a narrow screen the navigation is a drawer. */
  open: boolean;
  onClose: () => void;
  onKeys: () => void;
}

export function Navigation({ open, onClose, onKeys }: NavigationProps) {
  const entries = navEntries();
  const counts = useNavCounts();
  return (
    <>
      {open && (
        <button type="button" className={classes.veil} aria-label="Close the menu" onClick={onClose} />
      )}
      <nav className={classes.rail} data-open={open || undefined} aria-label="Main">
        {open && <DrawerKeys onClose={onClose} />}
        <div className={classes.brand}>
          <Link to="/" className={classes.brandLink} aria-label="PayFlow, dashboard">
            <Mark />
            <span>PayFlow</span>
          </Link>
          {open && <CloseButton aria-label="Close the menu" onClick={onClose} />}
        </div>
        <div className={classes.groups}>
          {NAV_GROUPS.map((group) => {
            const own = entries.filter((entry) => entry.group === group.id);
            if (own.length === 0) return null;
            return (
              <div key={group.id} className={classes.group}>
                <h2 className={classes.groupLabel} id={`nav-${group.id}`}>
                  {group.label}
                </h2>
                <ul aria-labelledby={`nav-${group.id}`} className={classes.list}>
                  {own.map(({ path, label, icon: Icon }) => (
                    <li key={path}>
                      <NavLink to={path} end={path === "/"} className={classes.link ?? ""}>
                        <Icon size={16} strokeWidth={1.75} aria-hidden />
                        <span className={classes.linkLabel}>{label}</span>
                        {counts[path] !== undefined && counts[path] > 0 && (
                          <span className={classes.count}>{counts[path] > 999 ? "999+" : counts[path]}</span>
                        )}
                      </NavLink>
                    </li>
                  ))}
                </ul>
              </div>
            );
          })}
        </div>
        <div className={classes.foot}>
          <UserMenu />
          <ActionIcon variant="subtle" color="gray" aria-label="Keys" title="Keys (?)" onClick={onKeys}>
            <Keyboard size={16} aria-hidden />
          </ActionIcon>
        </div>
      </nav>
    </>
  );
}

function DrawerKeys({ onClose }: { onClose: () => void }) {
  useKeys([{ keys: "Escape", label: "Close the menu", group: "Everywhere", run: onClose }]);
  return null;
}

function UserMenu() {
  const me = useMe();
  const navigate = useNavigate();
  const [open, setOpen] = useState(false);
  return (
    <Popover opened={open} onChange={setOpen} position="top-start" shadow="md" width={210} trapFocus>
      <Popover.Target>
        <UnstyledButton className={classes.user} onClick={() => setOpen(!open)}>
          <span className={classes.avatar} aria-hidden>
            {initials(me.name)}
          </span>
          <span className={classes.userText}>
            <span className={classes.userName}>{me.name}</span>{" "}
            <span className={classes.userRole}>{ROLE_LABELS[me.role]}</span>
          </span>
          <ChevronsUpDown size={14} aria-hidden />
        </UnstyledButton>
      </Popover.Target>
      <Popover.Dropdown p={4} aria-label="Your menu">
        <p className={classes.email}>{me.email}</p>
        <UnstyledButton
          className={classes.menuItem}
          onClick={() => {
            setOpen(false);
            void navigate(links.profile());
          }}
        >
          <UserRound size={14} aria-hidden /> Profile and preferences
        </UnstyledButton>
        <UnstyledButton className={classes.menuItem} onClick={() => void session.signOut()}>
          <LogOut size={14} aria-hidden /> Sign out
        </UnstyledButton>
      </Popover.Dropdown>
    </Popover>
  );
}

function initials(name: string): string {
  const words = name.trim().split(/\s+/);
  return `${words[0]?.[0] ?? "?"}${words.length > 1 ? (words.at(-1)?.[0] ?? "") : ""}`.toUpperCase();
}
