-- Money that moved. $1: step of the rollup, in seconds; $2: since when.
SELECT
    currency, exponent::integer AS exponent, sum(captured_minor) AS captured_minor,
    sum(refunded_minor) AS refunded_minor, sum(disputed_minor) AS disputed_minor
FROM rollup_money
WHERE step_s = $1 AND at >= $2
GROUP BY currency, exponent
ORDER BY currency, exponent
