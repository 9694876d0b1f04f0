-- What workers are asked to do, and what they say of themselves.
SELECT 1;
