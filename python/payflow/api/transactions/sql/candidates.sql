-- Payments whose id, or the id of one of whose operations, begins with a text; :most at most.
SELECT DISTINCT payment_id
FROM (
    (SELECT payment_id
    FROM payment_transactions
    WHERE payment_id >= :text AND payment_id < :behind_text
    LIMIT :most)
    UNION ALL
    (SELECT payment_id
    FROM payment_operations
    WHERE operation_id >= :text AND operation_id < :behind_text
    LIMIT :most)
) AS named
LIMIT :most
