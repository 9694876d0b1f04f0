import { ListFrame } from "@/ui/list/list-frame";
import { Presets } from "@/ui/list/presets";
import type { TrailEntry } from "@/ui/trail/trail";
import { AUDIT_KEY, type AuditQuery, fetchAudit } from "./audit";
import { AUDIT_LIST, AUDIT_PRESETS } from "./audit-list";
import { EntryBody } from "./entry-body";
import { ExportMenu } from "./export-menu";

const POLL_MS = 10_000;

export default function AuditPage() {
  return (
    <ListFrame<TrailEntry, AuditQuery>
      title="Audit log"
      definition={AUDIT_LIST}
      rowKey={(entry) => entry.audit_id}
      fetchPage={fetchAudit}
      queryKey={AUDIT_KEY}
      pollMs={POLL_MS}
      empty={{
        title: "Nothing is recorded so far",
        text: "Each delivery of an event and each action of an operator becomes an entry here.",
      }}
      above={<Presets definition={AUDIT_LIST} presets={AUDIT_PRESETS} />}
      exporter={(request) => <ExportMenu request={request} />}
      panel={{
        title: (key) => `Entry ${key}`,
        body: (key) => <EntryBody auditId={key} />,
      }}
    />
  );
}
