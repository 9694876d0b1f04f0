-- Messages whose long wait is spent in the database rather than in the queue.
SELECT 1;
