    a.audit_id
    , a.action, a.actor, a.subject_kind, a.subject_id, a.payment_id, a.source, a.event_id, a.verdict, a.reason -- !counting
    , a.from_status, a.to_status, a.version, a.correlation_id, a.note, a.details, a.occurred_at, a.recorded_at -- !counting
    , a.payload -- ?payload
