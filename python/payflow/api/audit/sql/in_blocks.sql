-- Entries in these blocks, in the order of the blocks, between two ids that are left out, by the filters. With an order
-- that the blocks have already, the server stops as soon as the page is full.
SELECT
-- include columns
FROM unnest(:blocks::bigint[]) WITH ORDINALITY AS b (block, place)
CROSS JOIN LATERAL (
    SELECT *
    FROM audit_logs AS a
    WHERE
        a.audit_id >= b.block << 9
        AND a.audit_id < (b.block + 1) << 9
        AND a.audit_id > :above
        AND a.audit_id < :below
-- include chosen
    ORDER BY
        a.audit_id DESC -- !backwards
        a.audit_id -- ?backwards
    LIMIT :limit
) AS a
ORDER BY
    b.place, a.audit_id DESC -- !backwards
    b.place, a.audit_id -- ?backwards
LIMIT :limit
