UPDATE rules SET enabled = false WHERE name = $1 AND enabled
