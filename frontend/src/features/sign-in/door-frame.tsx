import { type ReactNode, useEffect } from "react";
import { Mark } from "@/ui/look/mark";
import classes from "./door-frame.module.css";

/** The frame of the pages before one is signed in. */
export function DoorFrame({ title, children }: { title: string; children: ReactNode }) {
  useEffect(() => {
    document.title = `${title} · PayFlow`;
  }, [title]);
  return (
    <main className={classes.door}>
      <div className={classes.card}>
        <div className={classes.brand}>
          <Mark size={30} />
          <span>PayFlow</span>
        </div>
        <h1 className={classes.title}>{title}</h1>
        {children}
      </div>
    </main>
  );
}
