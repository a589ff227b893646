-- name: find_final
-- Messages that ended and whose ciphertext is still here, which nobody else is removing.
SELECT id FROM message WHERE state IN ('receipted', 'expired') ORDER BY id LIMIT :limit FOR UPDATE SKIP LOCKED

-- name: delete_pieces
-- Destroy the pieces of messages.
DELETE FROM piece WHERE message = ANY(:ids::bigint[])

-- name: delete_parts
-- Destroy the parts of messages.
DELETE FROM parts WHERE message = ANY(:ids::bigint[])

-- name: remove
-- Nothing is left of messages but their metadata (T7, T10).
UPDATE message SET state = 'removed', removed_at = :at
WHERE id = ANY(:ids::bigint[]) AND state IN ('receipted', 'expired')

-- name: find_forgettable_acceptances
-- What stands under the digests of acceptances whose time is over, and those digests.
SELECT key, message, signer, soap_sha256, said, said_apart, own_digests, accepted_at, forget_at, sha256
FROM acceptance WHERE forget_at <= :at ORDER BY forget_at FOR UPDATE SKIP LOCKED

-- name: find_acceptances_of
-- What stands under the digest of the acceptance of a message, and that digest.
SELECT key, message, signer, soap_sha256, said, said_apart, own_digests, accepted_at, forget_at, sha256
FROM acceptance WHERE message = :message

-- name: delete_acceptance
-- Forget an acceptance (T12).
DELETE FROM acceptance WHERE key = :key RETURNING signer

-- name: forget_signer
-- Forget a signer behind whom no acceptance stands any more.
DELETE FROM signer WHERE id = :id AND NOT EXISTS (SELECT 1 FROM acceptance WHERE acceptance.signer = signer.id)
RETURNING certificate

-- name: forget_certificate
-- Forget a certificate that no signer has any more.
DELETE FROM certificate
WHERE sha256 = :sha256 AND NOT EXISTS (SELECT 1 FROM signer WHERE signer.certificate = certificate.sha256)

-- name: find_forgettable
-- Removed messages that are old enough to leave the log and that no remembered PullRequest was answered with.
SELECT id FROM message
WHERE state = 'removed' AND removed_at <= :before
  AND NOT EXISTS (SELECT 1 FROM heard WHERE heard.message = message.id)
ORDER BY removed_at FOR UPDATE SKIP LOCKED

-- name: delete_acceptances_of
-- Forget the acceptance of a message that leaves the log, whatever it says.
DELETE FROM acceptance WHERE message = :message RETURNING signer

-- name: delete_evidence
-- The evidence of a message leaves the log with it.
DELETE FROM evidence WHERE message = :id

-- name: delete_promised
-- What its receipt had to repeat leaves with it.
DELETE FROM promised WHERE message = :id

-- name: delete_message
-- A removed message leaves the log.
DELETE FROM message WHERE id = :id AND state = 'removed'

-- name: read_store
-- Which store this is, and whose key its duplicates stand under.
SELECT id, generation, keyed_by FROM store

-- name: begin_generation
-- What is here counts from now on.
UPDATE store SET generation = generation + 1

-- name: key_store
-- Whose key the duplicates of this store stand under, where nobody said so before.
UPDATE store SET keyed_by = :keyed_by WHERE keyed_by IS NULL

-- name: read_position
-- Which server this is, how far it flushed what was committed, and of which making the tables are: a dump makes others.
SELECT (SELECT system_identifier::text FROM pg_control_system()),
    pg_wal_lsn_diff(pg_current_wal_flush_lsn(), '0/0')::bigint,
    (SELECT oid FROM pg_database WHERE datname = current_database()) || '/' || 'store'::regclass::oid
