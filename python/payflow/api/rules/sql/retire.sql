UPDATE rules SET retired_at = $2, enabled = false WHERE name = $1
