-- What the newest edit of dead letter $1 made of its body, and the payment that it is listed under.
SELECT
    payment_id,
    (
        SELECT details ->> 'after'
        FROM audit_logs
        WHERE subject_kind = 'dead_letter' AND subject_id = $1::bigint::text AND action = 'dead_letter.edited'
        ORDER BY audit_id DESC
        LIMIT 1
    ) AS after
FROM dead_letters
WHERE dead_letter_id = $1
FOR NO KEY UPDATE
