-- name: find_message
SELECT id, receiver, state, attempts, errors, expires_at, lease_until FROM message WHERE message_id = :message_id

-- name: find_offered
SELECT message.message_id, message.receiver, message.state, promised.part_references
FROM message JOIN promised ON promised.message = message.id
WHERE message.message_id = :message_id AND message.attempts > 0

-- name: close
UPDATE message
SET state = :final, closed_at = :at, lease_token = NULL, lease_until = NULL, offerable_at = NULL
WHERE id = :id AND state = :state

-- name: delete_envelope
DELETE FROM envelope WHERE message = :id

-- name: has_receipt
SELECT EXISTS (SELECT 1 FROM evidence WHERE message = :id AND kind <> 'receipt-given')

-- name: record_error
UPDATE message
SET errors = errors + 1, last_error = :code, lease_until = min(lease_until, :at), offerable_at = :offerable_at
WHERE id = :id AND state = 'offered'

-- name: find_due
SELECT * FROM message
WHERE state IN ('stored', 'offered') AND expires_at <= :at AND (lease_until IS NULL OR lease_until <= :ended_before)
ORDER BY expires_at, id LIMIT :limit

-- name: prolong_term
UPDATE message SET expires_at = :expires_at
WHERE message_id = :message_id AND receiver = :party AND state IN ('stored', 'offered') AND expires_at < :expires_at
