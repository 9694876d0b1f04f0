SELECT action, actor, note, recorded_at
FROM operator_actions
WHERE dead_letter_id = $1
ORDER BY action_id DESC
LIMIT $2
