-- name: find_final
SELECT message.id, message.state, parts.blob FROM message LEFT JOIN parts ON parts.message = message.id
WHERE message.state IN ('receipted', 'expired') AND message.id > :after
ORDER BY message.id LIMIT :limit

-- name: delete_parts
DELETE FROM parts WHERE message = :id

-- name: remove
UPDATE message SET state = 'removed', removed_at = :at WHERE id = :id AND state = :state

-- name: forget_acceptances
DELETE FROM acceptance WHERE key IN (
    SELECT key FROM acceptance
    WHERE forget_at <= :at
      AND sha256 = digest(key, message, signer, soap_sha256, said, said_apart, own_digests, accepted_at, forget_at)
    LIMIT :limit
)
RETURNING signer

-- name: forget_signer
DELETE FROM signer WHERE id = :id AND NOT EXISTS (SELECT 1 FROM acceptance WHERE acceptance.signer = signer.id)
RETURNING certificate

-- name: forget_certificate
DELETE FROM certificate
WHERE sha256 = :sha256 AND NOT EXISTS (SELECT 1 FROM signer WHERE signer.certificate = certificate.sha256)

-- name: find_forgettable
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
DELETE FROM acceptance WHERE message = :id RETURNING signer

-- name: delete_evidence
DELETE FROM evidence WHERE message = :id

-- name: delete_promised
DELETE FROM promised WHERE message = :id

-- name: delete_message
DELETE FROM message WHERE id = :id AND state = 'removed'

-- name: unknown_blobs
SELECT value FROM json_each(:names) WHERE NOT EXISTS (SELECT 1 FROM parts WHERE parts.blob = value)

-- name: count_commits
SELECT commits FROM store
