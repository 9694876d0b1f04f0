-- Accounts, sessions and one-time links.
SELECT 1;
