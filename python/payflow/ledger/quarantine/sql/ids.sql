-- Ids of dead letters to act on, the oldest first. $1 to $9: the filter; $10: how many.
SELECT dead_letter_id
FROM dead_letters
WHERE
{selected}
ORDER BY dead_letter_id
LIMIT $10
