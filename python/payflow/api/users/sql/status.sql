CASE
    WHEN account.disabled_at IS NOT NULL THEN 'disabled'
    WHEN account.password_hash IS NOT NULL
        OR EXISTS (SELECT FROM user_identities AS identity WHERE identity.user_id = account.user_id) THEN 'active'
    ELSE 'invited'
END
