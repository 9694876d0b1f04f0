SELECT count(*)
FROM (
    SELECT
    FROM audit_logs AS a
    WHERE
        a.payment_id = :payment_id
        AND NOT (a.subject_kind = 'payment' AND a.details ? 'command_id') IS TRUE
    LIMIT :count_max
) AS counted
