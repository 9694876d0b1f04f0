-- Looks for a text in the next payments of the list's order, :examined of them at most. The last one examined comes along
-- whether it has the text or not, so that the next page goes on behind it.
WITH examined AS MATERIALIZED (
    SELECT *, row_number() OVER () AS place
    FROM (
        SELECT *
        FROM payment_transactions AS t
        WHERE
-- include chosen
-- include behind
        ORDER BY
-- include order
        LIMIT :examined
    ) AS ordered
),
t AS MATERIALIZED (
    SELECT *
    FROM (
        SELECT
            *,
            payment_id ^@ :text OR strpos(lower(coalesce(edited_metadata, metadata)), lower(:text)) > 0 AS found
        FROM examined
    ) AS looked_at
    WHERE found OR place = :examined
    ORDER BY place
    LIMIT :limit
)
SELECT
    t.found IS TRUE AS found,
-- include rows
FROM t
ORDER BY t.place
