-- All that one batch decided, in one statement. Each column comes as an array literal built in Rust
-- (rust/ledger/src/write_set.rs, which has the order); the payloads come as they were received.
-- Rows are found by key inside a LATERAL with a LIMIT and changed by their place: the one plan that is right on an
-- empty, never analysed table and on a full one. The payments are locked, so no row moves meanwhile.
-- $1: now; $2: who acts.
WITH payments AS MATERIALIZED (
    SELECT *
    FROM unnest(
        $3::text::boolean[], $4::text::text[], $5::text::text[], $6::text::text[], $7::text::text[],
        $8::text::smallint[], $9::text::bigint[], $10::text::bigint[], $11::text::bigint[], $12::text::bigint[],
        $13::text::bigint[], $14::text::bigint[], $15::text::bigint[], $16::text::bigint[], $17::text::bigint[],
        $18::text::bigint[], $19::text::bigint[], $20::text::text[], $21::text::text[], $22::text::bigint[],
        $23::text::text[]
    ) AS p (
        is_new, payment_id, merchant_id, source, currency,
        exponent, authorized_minor, released_minor, captured_minor, capture_failed_minor,
        refunded_minor, disputed_minor, capture_pending_minor, refund_pending_minor, release_pending_minor,
        overcapture_allowance_minor, amount_minor, status, dispute_status, version, metadata)
),
created AS (
    INSERT INTO payment_transactions (
        payment_id, merchant_id, source, currency, exponent,
        authorized_minor, released_minor, captured_minor, capture_failed_minor, refunded_minor,
        disputed_minor, capture_pending_minor, refund_pending_minor, release_pending_minor,
        overcapture_allowance_minor, amount_minor, status, dispute_status, version, metadata, created_at, updated_at)
    SELECT
        payment_id, merchant_id, source, currency, exponent,
        authorized_minor, released_minor, captured_minor, capture_failed_minor, refunded_minor,
        disputed_minor, capture_pending_minor, refund_pending_minor, release_pending_minor,
        overcapture_allowance_minor, amount_minor, status, dispute_status, version, metadata, $1, $1
    FROM payments
    WHERE is_new
),
changed AS (
    UPDATE payment_transactions AS t
    SET
        merchant_id = p.merchant_id,
        source = COALESCE(t.source, p.source),
        currency = p.currency,
        exponent = p.exponent,
        authorized_minor = p.authorized_minor,
        released_minor = p.released_minor,
        captured_minor = p.captured_minor,
        capture_failed_minor = p.capture_failed_minor,
        refunded_minor = p.refunded_minor,
        disputed_minor = p.disputed_minor,
        capture_pending_minor = p.capture_pending_minor,
        refund_pending_minor = p.refund_pending_minor,
        release_pending_minor = p.release_pending_minor,
        overcapture_allowance_minor = p.overcapture_allowance_minor,
        amount_minor = p.amount_minor,
        status = p.status,
        dispute_status = p.dispute_status,
        version = p.version,
        metadata = COALESCE(t.metadata, p.metadata),
        updated_at = $1
    FROM payments p
    CROSS JOIN LATERAL (SELECT ctid FROM payment_transactions WHERE payment_id = p.payment_id LIMIT 1) AS place
    WHERE NOT p.is_new AND t.ctid = place.ctid
),
operations AS MATERIALIZED (
    SELECT *, timestamptz 'epoch' + occurred_at_us * interval '1 microsecond' AS occurred_at
    FROM unnest(
        $24::text::boolean[], $25::text::text[], $26::text::text[], $27::text::text[], $28::text::text[],
        $29::text::text[], $30::text::integer[], $31::text::text[], $32::text::bigint[], $33::text::text[],
        $34::text::bigint[]
    ) AS o (
        is_new, payment_id, source, kind, operation_id, parent_id, rank, state, amount_minor, reason, occurred_at_us)
),
operations_begun AS (
    INSERT INTO payment_operations (
        payment_id, source, kind, operation_id, parent_id, rank, state, amount_minor, reason, occurred_at, recorded_at)
    SELECT payment_id, source, kind, operation_id, parent_id, rank, state, amount_minor, reason, occurred_at, $1
    FROM operations
    WHERE is_new
),
operations_raised AS (
    UPDATE payment_operations AS t
    SET
        parent_id = o.parent_id,
        rank = o.rank,
        state = o.state,
        amount_minor = o.amount_minor,
        reason = o.reason,
        occurred_at = o.occurred_at,
        recorded_at = $1
    FROM operations o
    CROSS JOIN LATERAL (
        SELECT ctid
        FROM payment_operations
        WHERE (payment_id, source, kind, operation_id) = (o.payment_id, o.source, o.kind, o.operation_id)
        LIMIT 1
    ) AS place
    WHERE NOT o.is_new AND t.ctid = place.ctid
),
trail AS (
    INSERT INTO audit_logs (
        audit_id, payment_id, source, event_id, occurrence, action, verdict, reason, from_status, to_status,
        version, fingerprint, actor, correlation_id, occurred_at, recorded_at, payload)
    OVERRIDING SYSTEM VALUE
    SELECT
        audit_id, payment_id, source, event_id, CASE WHEN first THEN 0 ELSE audit_id END, action, verdict, reason,
        from_status, to_status, version, fingerprint, $2, correlation_id,
        timestamptz 'epoch' + occurred_at_us * interval '1 microsecond', $1, convert_from(payload, 'UTF8')
    FROM (
        SELECT nextval('audit_logs_audit_id_seq') AS audit_id, a.*
        FROM unnest(
            $35::text::boolean[], $36::text::text[], $37::text::text[], $38::text::text[], $39::text::text[],
            $40::text::text[], $41::text::text[], $42::text::text[], $43::text::text[], $44::text::bigint[],
            $45::text::uuid[], $46::text::text[], $47::text::bigint[], $48::bytea[]
        ) AS a (
            first, payment_id, source, event_id, action, verdict, reason, from_status, to_status, version,
            fingerprint, correlation_id, occurred_at_us, payload)
    ) AS numbered
),
parked AS (
    INSERT INTO parked_events (
        payment_id, source, event_id, kind, operation_id, parent_id, merchant_id, amount_minor, currency, exponent,
        occurred_at, reason, dispute_stage, dispute_status, correlation_id, fingerprint, waits_for,
        parked_at, deadline_at)
    SELECT
        payment_id, source, event_id, kind, operation_id, parent_id, merchant_id, amount_minor, currency, exponent,
        timestamptz 'epoch' + occurred_at_us * interval '1 microsecond', reason, dispute_stage, dispute_status,
        correlation_id, fingerprint, waits_for, $1, timestamptz 'epoch' + deadline_us * interval '1 microsecond'
    FROM unnest(
        $49::text::text[], $50::text::text[], $51::text::text[], $52::text::text[], $53::text::text[],
        $54::text::text[], $55::text::text[], $56::text::bigint[], $57::text::text[], $58::text::smallint[],
        $59::text::bigint[], $60::text::text[], $61::text::text[], $62::text::text[], $63::text::text[],
        $64::text::uuid[], $65::text::text[], $66::text::bigint[]
    ) AS f (
        payment_id, source, event_id, kind, operation_id, parent_id, merchant_id, amount_minor, currency, exponent,
        occurred_at_us, reason, dispute_stage, dispute_status, correlation_id, fingerprint, waits_for, deadline_us)
),
unparked AS (
    DELETE FROM parked_events AS t
    USING
        unnest($67::text::text[], $68::text::text[], $69::text::text[]) AS u (payment_id, source, event_id)
        CROSS JOIN LATERAL (
            SELECT ctid
            FROM parked_events
            WHERE (payment_id, source, event_id) = (u.payment_id, u.source, u.event_id)
            LIMIT 1
        ) AS place
    WHERE t.ctid = place.ctid
)
INSERT INTO alerts (
    rule_id, severity, payment_id, merchant_id, source, event_id, fingerprint, verdict, reason, correlation_id,
    created_at)
SELECT rule_id, severity, payment_id, merchant_id, source, event_id, fingerprint, verdict, reason, correlation_id, $1
FROM unnest(
    $70::text::bigint[], $71::text::text[], $72::text::text[], $73::text::text[], $74::text::text[],
    $75::text::text[], $76::text::uuid[], $77::text::text[], $78::text::text[], $79::text::text[]
) AS a (
    rule_id, severity, payment_id, merchant_id, source, event_id, fingerprint, verdict, reason, correlation_id)
-- The server inserts these rows before all others. In one order for all workers, or two that have the same events
-- would each wait for an alert of the other.
ORDER BY payment_id, source, event_id, fingerprint, rule_id
ON CONFLICT (payment_id, source, event_id, fingerprint, rule_id) DO NOTHING
