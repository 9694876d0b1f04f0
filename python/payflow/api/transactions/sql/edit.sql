-- Changes metadata (?metadata) or the archive (?archive, ?unarchive) of a payment.
UPDATE payment_transactions
SET
    edits = edits + 1,
    edited_metadata = :metadata, -- ?metadata
    archived_at = :now, -- ?archive
    archived_at = NULL, -- ?unarchive
    updated_at = :now
WHERE payment_id = :payment_id
