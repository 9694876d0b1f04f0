-- Alerts on facts that left parking unjudged. $1: now; $2: verdict; then for each alert the rule's name, and the fact.
INSERT INTO alerts (
    rule_id, severity, payment_id, merchant_id, source, event_id, fingerprint, verdict, reason, correlation_id,
    created_at)
SELECT r.rule_id, r.severity, a.payment_id, a.merchant_id, a.source, a.event_id, a.fingerprint, $2, a.reason, a.correlation_id, $1
FROM unnest($3::text[], $4::text[], $5::text[], $6::text[], $7::text[], $8::uuid[], $9::text[], $10::text[]) AS a (
    rule, payment_id, merchant_id, source, event_id, fingerprint, reason, correlation_id)
JOIN rules AS r ON r.name = a.rule AND r.enabled
ORDER BY a.payment_id, a.source, a.event_id, a.fingerprint, r.rule_id
ON CONFLICT (payment_id, source, event_id, fingerprint, rule_id) DO NOTHING
