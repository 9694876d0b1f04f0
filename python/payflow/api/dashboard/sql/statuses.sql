SELECT status, payments
FROM rollup_statuses
WHERE payments > 0
ORDER BY status
