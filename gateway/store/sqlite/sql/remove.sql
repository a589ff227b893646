-- name: find_final
-- Messages that ended and whose ciphertext is still here, with their blobs, after a row.
SELECT message.id, message.state, parts.blob FROM message LEFT JOIN parts ON parts.message = message.id
WHERE message.state IN ('receipted', 'expired') AND message.id > :after
ORDER BY message.id LIMIT :limit

-- name: delete_parts
-- Destroy the parts of a message.
DELETE FROM parts WHERE message = :id

-- name: remove
-- Nothing is left of a message but its metadata (T7, T10).
UPDATE message SET state = 'removed', removed_at = :at WHERE id = :id AND state = :state

-- name: forget_acceptances
-- Forget acceptances whose time is over and that are what was written (T12).
DELETE FROM acceptance WHERE key IN (
    SELECT key FROM acceptance
    WHERE forget_at <= :at
      AND sha256 = digest(key, message, signer, soap_sha256, said, said_apart, own_digests, accepted_at, forget_at)
    LIMIT :limit
)
RETURNING signer

-- name: forget_signer
-- Forget a signer behind whom no acceptance stands any more.
DELETE FROM signer WHERE id = :id AND NOT EXISTS (SELECT 1 FROM acceptance WHERE acceptance.signer = signer.id)
RETURNING certificate

-- name: forget_certificate
-- Forget a certificate that no signer has any more.
DELETE FROM certificate
WHERE sha256 = :sha256 AND NOT EXISTS (SELECT 1 FROM signer WHERE signer.certificate = certificate.sha256)

-- name: find_forgettable
-- Removed messages that are old enough to leave the log and that nothing points to.
SELECT id FROM message
WHERE state = 'removed' AND removed_at <= :before
  AND NOT EXISTS (
    SELECT 1 FROM acceptance
    WHERE acceptance.message = message.id AND sha256 = digest(
        key, acceptance.message, signer, soap_sha256, said, said_apart, own_digests, acceptance.accepted_at, forget_at
    )
  )
  AND NOT EXISTS (SELECT 1 FROM heard WHERE heard.message = message.id)
LIMIT :limit

-- name: delete_acceptance
-- Forget the acceptance of a message that leaves the log, whatever it says.
DELETE FROM acceptance WHERE message = :id RETURNING signer

-- name: delete_evidence
-- The evidence of a message leaves the log with it.
DELETE FROM evidence WHERE message = :id

-- name: delete_promised
-- What its receipt had to repeat leaves with it.
DELETE FROM promised WHERE message = :id

-- name: delete_message
-- A removed message leaves the log.
DELETE FROM message WHERE id = :id AND state = 'removed'

-- name: unknown_blobs
-- Which of these blobs no row names.
SELECT value FROM json_each(:names) WHERE NOT EXISTS (SELECT 1 FROM parts WHERE parts.blob = value)

-- name: count_commits
-- How many commits the store has seen.
SELECT commits FROM store
