SELECT count(DISTINCT name) FROM rules WHERE retired_at IS NULL
