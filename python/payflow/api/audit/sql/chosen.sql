    AND a.payment_id = :payment_id -- ?payment_id
    AND a.actor = :actor -- ?actor
    AND a.action = :action -- ?action
    AND a.verdict = :verdict -- ?verdict
    AND a.source = :source -- ?source
    AND a.subject_kind IS NOT NULL -- ?operators_only
    AND (a.subject_kind IS NULL OR a.subject_kind = 'payment') -- ?about_payments
    AND a.subject_kind = :subject_kind -- ?subject_kind
    AND a.subject_id = :subject_id -- ?subject_id
    AND a.recorded_at >= :from_at -- ?from_at
    AND a.recorded_at < :to_at -- ?to_at
