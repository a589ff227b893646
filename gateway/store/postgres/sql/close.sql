-- name: find_message
-- What a message row says of its offers, by the MessageId that the hub gave it.
SELECT id, receiver, state, expires_at, attempts, errors, last_error, unreadable, damaged, lease_token, lease_until,
    offerable_at, offered_at, desk_holder
FROM message WHERE message_id = :message_id

-- name: lock_message
-- The same, and nobody else changes it until the end of this transaction.
SELECT id, receiver, state, expires_at, attempts, errors, last_error, unreadable, damaged, lease_token, lease_until,
    offerable_at, offered_at, desk_holder
FROM message WHERE message_id = :message_id FOR UPDATE

-- name: read_sealed
-- What stands under the digest of a message row, and that digest.
SELECT message.message_id, message.received_message_id, message.kind, message.sender, message.original_sender,
    message.receiver, message.final_recipient, message.mpc, message.service, message.action,
    message.conversation_id, message.tracking_identifier, message.cross_reference, message.question,
    message.answer_due, message.accepted_at, message.expires_at, message.sealed_to, message.size_octets,
    message.sha256
FROM message WHERE id = :id

-- name: find_offered
-- What a receipt for a message that was offered has to repeat.
SELECT message.message_id, message.received_message_id, message.kind, message.sender, message.original_sender,
    message.receiver, message.final_recipient, message.mpc, message.service, message.action,
    message.conversation_id, message.tracking_identifier, message.cross_reference, message.question,
    message.answer_due, message.accepted_at, message.expires_at, message.sealed_to, message.size_octets,
    message.sha256,
    message.state, promised.part_references, promised.sha256
FROM message LEFT JOIN promised ON promised.message = message.id
WHERE message.message_id = :message_id AND message.attempts > 0

-- name: close
-- End a message that waits, by a receipt or by its term (T6, T9).
UPDATE message
SET state = :final, closed_at = :at, lease_token = NULL, lease_until = NULL, offerable_at = NULL,
    desk_holder = NULL
WHERE id = :id AND state = :state

-- name: delete_envelope
-- Destroy the envelope, and with it the wrapped key.
DELETE FROM envelope WHERE message = :id

-- name: find_receipt
-- The owner's receipt for a message, if there is one.
SELECT message.message_id, evidence.kind, evidence.at, evidence.content_type, evidence.soap_sha256, evidence.octets,
    evidence.sha256
FROM evidence JOIN message ON message.id = evidence.message
WHERE evidence.message = :id AND evidence.kind IN ('receipt-taken', 'receipt-late')
LIMIT 1

-- name: find_due
-- Waiting messages whose term is over and whose lease ended long enough ago, by their deadlines, after the last of a page.
SELECT * FROM message
WHERE state IN ('stored', 'offered') AND expires_at <= :term_over
  AND (lease_until IS NULL OR lease_until <= :lease_over)
  AND (expires_at, id) > (:after_deadline, coalesce((SELECT id FROM message WHERE message_id = :after), 0))
ORDER BY expires_at, id LIMIT :limit

-- name: prolong_term
-- Give a waiting message another deadline, under a new digest of its record.
UPDATE message SET expires_at = :expires_at, sha256 = :sha256, prolonged_days = prolonged_days + :added_days
WHERE id = :id AND state = :state
