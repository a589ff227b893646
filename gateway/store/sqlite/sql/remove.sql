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

-- name: find_forgettable_acceptances
-- What stands under the digests of acceptances whose time is over, and those digests.
SELECT key, message, signer, soap_sha256, said, said_apart, own_digests, accepted_at, forget_at, sha256
FROM acceptance WHERE forget_at <= :at

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

-- name: unknown_blobs
-- Which of these blobs no row names.
SELECT value FROM json_each(:names) WHERE NOT EXISTS (SELECT 1 FROM parts WHERE parts.blob = value)

-- name: count_commits
-- How many commits the store has seen.
SELECT commits FROM store
