import { Kbd, Modal } from "@mantine/core";
import { Fragment } from "react";
import { useKeyList } from "@/ui/keys/keys";
import classes from "./key-sheet.module.css";

/** All keys that work on the page at hand. */
export default function KeySheet({ onClose }: { onClose: () => void }) {
  const bindings = useKeyList();
  const groups = [...new Set(bindings.map((binding) => binding.group))];
  return (
    <Modal opened onClose={onClose} title="Keys" size={560} closeButtonProps={{ "aria-label": "Close" }}>
      <div className={classes.groups}>
        {groups.map((group) => (
          <section key={group} aria-label={group}>
            <h3 className={classes.heading}>{group}</h3>
            <dl className={classes.list}>
              {bindings
                .filter((binding) => binding.group === group)
                .map((binding) => (
                  <Fragment key={binding.keys + binding.label}>
                    <dt>
                      {binding.keys.split(/[ +]/).map((key) => (
                        <Kbd key={key} size="xs">
                          {key === "mod" ? "Ctrl / ⌘" : key}
                        </Kbd>
                      ))}
                    </dt>
                    <dd>{binding.label}</dd>
                  </Fragment>
                ))}
            </dl>
          </section>
        ))}
      </div>
    </Modal>
  );
}
