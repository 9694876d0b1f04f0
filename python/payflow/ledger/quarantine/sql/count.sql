-- Dead letters by what is wrong with them. $1 to $9: the filter; $10: how many groups, the largest first.
SELECT
    class AS klass,
    reason,
    source,
    count(*) AS letters,
    min(recorded_at) AS oldest_at,
    max(recorded_at) AS newest_at,
    (sum(count(*)) OVER ())::bigint AS total,
    count(*) OVER () AS total_groups
FROM dead_letters
WHERE
{selected}
GROUP BY class, reason, source
ORDER BY letters DESC, class, reason, source
LIMIT $10
