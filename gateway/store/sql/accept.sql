-- name: find_seen
SELECT seen.key, seen.content_digest, evidence.octets, evidence.content_type, seen.forget_at
FROM seen JOIN evidence ON evidence.id = seen.evidence
WHERE seen.key = :key

-- name: count_for_quota
SELECT coalesce(sum(messages), 0) FROM tally
WHERE mpc = :mpc AND kind = 'message' AND state IN ('stored', 'offered')

-- name: insert_message
INSERT INTO message (
    message_id, received_message_id, kind, sender, original_sender, receiver, final_recipient, mpc, service, action,
    conversation_id, tracking_identifier, cross_reference, question, answer_due, accepted_at, expires_at, sealed_to,
    size_octets, sha256
) VALUES (
    :message_id, :received_message_id, :kind, :sender, :original_sender, :receiver, :final_recipient, :mpc, :service,
    :action, :conversation_id, :tracking_identifier, :cross_reference, :question, :answer_due, :accepted_at,
    :expires_at, :sealed_to, :size_octets, :sha256
)

-- name: insert_envelope
INSERT INTO envelope (message, content_type, head, tail, sha256)
VALUES (:message, :content_type, :head, :tail, :sha256)

-- name: insert_parts
INSERT INTO parts (message, blob, size_octets, sha256, padding, octets)
VALUES (:message, :blob, :size_octets, :sha256, iif(:octets IS NULL, NULL, zeroblob(4096)), :octets)

-- name: insert_promised
INSERT INTO promised (message, part_references, sha256) VALUES (:message, :part_references, :sha256)

-- name: insert_evidence
INSERT INTO evidence (message, kind, at, content_type, octets) VALUES (:message, :kind, :at, :content_type, :octets)
ON CONFLICT (message, kind) DO NOTHING

-- name: insert_seen
INSERT INTO seen (key, content_digest, evidence, forget_at) VALUES (:key, :content_digest, :evidence, :forget_at)

-- name: mark_waived
UPDATE message SET waived_at = :at
WHERE conversation_id = :conversation_id AND question = 1 AND answered_at IS NULL AND waived_at IS NULL
  AND original_sender = :final_recipient AND final_recipient = :original_sender AND service = :service
  AND action IN (SELECT value FROM json_each(:waives))

-- name: mark_waived_before
UPDATE message SET waived_at = :at
WHERE id = :id AND EXISTS (
    SELECT 1 FROM message AS waiver
    WHERE waiver.conversation_id = :conversation_id AND waiver.kind = 'message' AND waiver.service = :service
      AND waiver.original_sender = :final_recipient AND waiver.final_recipient = :original_sender
      AND waiver.action IN (SELECT value FROM json_each(:waived_by))
)

-- name: mark_answered
UPDATE message SET answered_at = :at
WHERE tracking_identifier = :cross_reference AND question = 1 AND answered_at IS NULL
  AND conversation_id = :conversation_id
  AND original_sender = :final_recipient AND final_recipient = :original_sender
