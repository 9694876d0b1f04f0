    ($1::bigint[] IS NULL OR dead_letter_id = ANY ($1::bigint[]))
    AND ($2::text IS NULL OR status = $2::text)
    AND ($3::text IS NULL OR class = $3::text)
    AND ($4::text IS NULL OR reason = $4::text)
    AND ($5::text IS NULL OR source = $5::text)
    AND ($6::text IS NULL OR payment_id = $6::text)
    AND ($7::timestamptz IS NULL OR recorded_at >= $7::timestamptz)
    AND ($8::timestamptz IS NULL OR recorded_at < $8::timestamptz)
    AND (
        $9::text IS NULL
        OR position(lower($9::text) IN lower(coalesce(rule, ''))) > 0
        OR position(convert_to($9::text, 'UTF8') IN body) > 0)
