SELECT audit_id, dead_letter_id, rolled_to, pruned_at
FROM rollup_state
FOR UPDATE
