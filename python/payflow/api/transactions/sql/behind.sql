    AND (t.created_at, t.payment_id) < (:created_at, :payment_id) -- ?below_created_at
    AND (t.created_at, t.payment_id) > (:created_at, :payment_id) -- ?above_created_at
    AND (t.updated_at, t.payment_id) < (:updated_at, :payment_id) -- ?below_updated_at
    AND (t.updated_at, t.payment_id) > (:updated_at, :payment_id) -- ?above_updated_at
    AND (t.amount_minor, t.payment_id) < (:amount_minor, :payment_id) -- ?below_amount_minor
    AND (t.amount_minor, t.payment_id) > (:amount_minor, :payment_id) -- ?above_amount_minor
