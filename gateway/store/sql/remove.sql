-- name: find_final
SELECT message.id, message.state, parts.blob FROM message LEFT JOIN parts ON parts.message = message.id
WHERE message.state IN ('receipted', 'expired')
ORDER BY message.id LIMIT :limit

-- name: delete_parts
DELETE FROM parts WHERE message = :id

-- name: remove
UPDATE message SET state = 'removed', removed_at = :at WHERE id = :id AND state = :state

-- name: forget_seen
DELETE FROM seen WHERE key IN (SELECT key FROM seen WHERE forget_at <= :at LIMIT :limit)

-- name: unknown_blobs
SELECT value FROM json_each(:names) WHERE NOT EXISTS (SELECT 1 FROM parts WHERE parts.blob = value)

-- name: count_commits
SELECT commits FROM store
