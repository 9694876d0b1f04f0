    t.created_at DESC, t.payment_id DESC -- ?falling_created_at
    t.created_at, t.payment_id -- ?rising_created_at
    t.updated_at DESC, t.payment_id DESC -- ?falling_updated_at
    t.updated_at, t.payment_id -- ?rising_updated_at
    t.amount_minor DESC, t.payment_id DESC -- ?falling_amount_minor
    t.amount_minor, t.payment_id -- ?rising_amount_minor
