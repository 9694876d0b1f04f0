    l.deleted_at IS NULL
    AND l.alert_id = ANY (:ids::bigint[]) -- ?ids
    AND l.resolved_at IS NULL -- ?unresolved
    AND (CASE WHEN l.status = 'snoozed' AND l.snoozed_until <= :now THEN 'open' ELSE l.status END) = ANY (:status) -- ?status
    AND l.severity = ANY (:severity) -- ?severity
    AND l.rule_id IN (SELECT rule_id FROM rules WHERE name = :rule) -- ?rule
    AND l.assignee_id = :assignee::uuid -- ?assignee
    AND l.assignee_id IS NULL -- ?unassigned
    AND l.payment_id = :payment_id -- ?payment_id
    AND l.created_at >= :created_from -- ?created_from
    AND l.created_at < :created_to -- ?created_to
    AND ( -- ?text
        (l.payment_id >= :text AND l.payment_id < :text || U&'\+10FFFF') -- ?text
        OR l.rule_id IN (SELECT rule_id FROM rules WHERE position(lower(:text) IN lower(name)) > 0) -- ?text
        OR (l.rule_id IS NULL AND position(lower(:text) IN lower(l.title)) > 0) -- ?text
    ) -- ?text
