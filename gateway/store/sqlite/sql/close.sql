-- name: find_message
SELECT id, receiver, state, attempts, errors, expires_at, lease_until FROM message WHERE message_id = :message_id

-- name: read_sealed
SELECT message.message_id, message.received_message_id, message.kind, message.sender, message.original_sender,
    message.receiver, message.final_recipient, message.mpc, message.service, message.action,
    message.conversation_id, message.tracking_identifier, message.cross_reference, message.question,
    message.answer_due, message.accepted_at, message.expires_at, message.sealed_to, message.size_octets,
    message.sha256
FROM message WHERE id = :id

-- name: find_offered
SELECT message.message_id, message.received_message_id, message.kind, message.sender, message.original_sender,
    message.receiver, message.final_recipient, message.mpc, message.service, message.action,
    message.conversation_id, message.tracking_identifier, message.cross_reference, message.question,
    message.answer_due, message.accepted_at, message.expires_at, message.sealed_to, message.size_octets,
    message.sha256,
    message.state, promised.part_references, promised.sha256
FROM message LEFT JOIN promised ON promised.message = message.id
WHERE message.message_id = :message_id AND message.attempts > 0

-- name: close
UPDATE message
SET state = :final, closed_at = :at, lease_token = NULL, lease_until = NULL, offerable_at = NULL
WHERE id = :id AND state = :state

-- name: delete_envelope
DELETE FROM envelope WHERE message = :id

-- name: find_receipt
SELECT message.message_id, evidence.kind, evidence.at, evidence.content_type, evidence.soap_sha256, evidence.octets,
    evidence.sha256
FROM evidence JOIN message ON message.id = evidence.message
WHERE evidence.message = :id AND evidence.kind IN ('receipt-taken', 'receipt-late')
LIMIT 1

-- name: record_error
UPDATE message
SET errors = errors + 1, last_error = :code, lease_until = min(lease_until, :at), offerable_at = :offerable_at
WHERE id = :id AND state = 'offered'

-- name: find_due
SELECT * FROM message
WHERE state IN ('stored', 'offered') AND expires_at <= :at AND (lease_until IS NULL OR lease_until <= :ended_before)
  AND (expires_at, id) > (:after_deadline, coalesce((SELECT id FROM message WHERE message_id = :after), 0))
ORDER BY expires_at, id LIMIT :limit

-- name: prolong_term
UPDATE message SET expires_at = :expires_at, sha256 = :sha256
WHERE message_id = :message_id AND receiver = :party AND state IN ('stored', 'offered') AND expires_at < :expires_at
