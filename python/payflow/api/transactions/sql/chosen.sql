    true
    AND t.merchant_id = :merchant_id -- ?merchant_id
    AND t.status = :status -- ?status
    AND t.status = ANY (:statuses) -- ?statuses
    AND t.dispute_status = :dispute_status -- ?dispute_status
    AND t.dispute_status = ANY (:dispute_statuses) -- ?dispute_statuses
    AND t.dispute_status <> 'none' -- ?disputed
    AND t.currency = :currency -- ?currency
    AND t.currency = ANY (:currencies) -- ?currencies
    AND t.amount_minor >= :amount_min_minor -- ?amount_min_minor
    AND t.amount_minor <= :amount_max_minor -- ?amount_max_minor
    AND t.created_at >= :created_from -- ?created_from
    AND t.created_at < :created_to -- ?created_to
    AND t.source = :source -- ?source
    AND t.archived_at IS NULL -- ?not_archived
    AND t.archived_at IS NOT NULL -- ?archived
    AND t.payment_id = ANY (:payment_ids) -- ?payment_ids
