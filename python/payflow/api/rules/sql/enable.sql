UPDATE rules SET enabled = true WHERE rule_id = $1
