-- The ledger's statements find every row by its key; to the end of this transaction no plan may do otherwise, whatever the
-- statistics of a young database say (payflow.ledger.pool sets the same for a worker's sessions).
SELECT
    set_config('plan_cache_mode', 'force_generic_plan', true), set_config('enable_seqscan', 'off', true),
    set_config('enable_hashjoin', 'off', true), set_config('enable_mergejoin', 'off', true)
