-- Dead letters to act on, the oldest first, behind $10. $1 to $9: the filter; $11: how many.
SELECT dead_letter_id, class AS klass, reason, status, body
FROM dead_letters
WHERE
    dead_letter_id > $10
    AND
{selected}
ORDER BY dead_letter_id
LIMIT $11
