-- name: find_acceptance
-- The acceptance under a key. Nearly every message that comes has none, so this looks at one table alone.
SELECT key, message, signer, soap_sha256, said, said_apart, own_digests, accepted_at, forget_at, sha256
FROM acceptance WHERE key = :key

-- name: lock_acceptance
-- Let nobody else keep a receipt for what was accepted under a key, nor forget it.
SELECT 1 FROM acceptance WHERE key = :key FOR UPDATE

-- name: find_given
-- The receipt that was given for a SOAP part, or the first where it is not known for which that was; then it is NULL.
SELECT message.message_id, given.kind, given.at, given.content_type, given.soap_sha256, given.octets, given.sha256
FROM acceptance LEFT JOIN message ON message.id = acceptance.message
LEFT JOIN evidence AS given ON given.message = acceptance.message AND (
    given.soap_sha256 = :soap_sha256 OR (acceptance.soap_sha256 IS NULL AND given.kind = 'receipt-given')
)
WHERE acceptance.key = :key
ORDER BY given.soap_sha256 IS NULL

-- name: find_accepted_message
-- Which message was accepted under a key, and how many receipts were given for other signings of it.
SELECT message.id, message.message_id,
    (SELECT count(*) FROM evidence WHERE evidence.message = message.id AND evidence.kind = 'receipt-given-again')
FROM acceptance JOIN message ON message.id = acceptance.message
WHERE acceptance.key = :key

-- name: insert_certificate
-- Keep a certificate once.
INSERT INTO certificate (sha256, der) VALUES (:sha256, :der) ON CONFLICT DO NOTHING

-- name: find_signer
-- Under which row it is kept that something was accepted so, unless that has to be written anew.
SELECT id FROM signer
WHERE sender = :sender AND from_party = :from_party AND certificate = :certificate AND suite = :suite
  AND key_reference = :key_reference AND sha256 = :sha256 AND last_accepted_at > :at::bigint - :heard_again::bigint
FOR KEY SHARE

-- name: insert_signer
-- Keep once under which name, certificate and suite something was accepted, and when last.
INSERT INTO signer (sender, from_party, certificate, suite, key_reference, last_accepted_at, sha256)
VALUES (:sender, :from_party, :certificate, :suite, :key_reference, :at, :sha256)
ON CONFLICT (sender, from_party, certificate, suite) DO UPDATE
SET key_reference = excluded.key_reference, sha256 = excluded.sha256, last_accepted_at = greatest(signer.last_accepted_at, excluded.last_accepted_at)
RETURNING id

-- name: list_signers
-- Everybody under whose name something was accepted, whoever was heard last coming last.
SELECT signer.sender, signer.from_party, signer.certificate, signer.suite, signer.key_reference, signer.sha256,
    certificate.der
FROM signer JOIN certificate ON certificate.sha256 = signer.certificate
ORDER BY signer.last_accepted_at

-- name: count_for_quota
-- How many messages of participants wait in a mailbox.
SELECT coalesce(sum(messages), 0)::bigint FROM tally
WHERE mpc = :mpc AND kind = 'message' AND state IN ('stored', 'offered')

-- name: insert_message
-- The metadata of a message that is accepted (T3).
INSERT INTO message (
    message_id, received_message_id, kind, sender, original_sender, receiver, final_recipient, mpc, service, action,
    conversation_id, tracking_identifier, cross_reference, question, answer_due, accepted_at, expires_at, sealed_to,
    size_octets, sha256
) VALUES (
    :message_id, :received_message_id, :kind, :sender, :original_sender, :receiver, :final_recipient, :mpc, :service,
    :action, :conversation_id, :tracking_identifier, :cross_reference, :question, :answer_due, :accepted_at,
    :expires_at, :sealed_to, :size_octets, :sha256
) ON CONFLICT (message_id) DO NOTHING RETURNING id

-- name: insert_envelope
-- What leaves before and after the parts of a message.
INSERT INTO envelope (message, content_type, head, tail, sha256)
VALUES (:message, :content_type, :head, :tail, :sha256)

-- name: insert_parts
-- The parts of a message, in the row or, where octets are NULL, in pieces.
INSERT INTO parts (message, size_octets, sha256, octets) VALUES (:message, :size_octets, :sha256, :octets)

-- name: insert_piece
-- One of the pieces in which large parts lie.
INSERT INTO piece (message, number, octets) VALUES (:message, :number, :octets)

-- name: insert_promised
-- What a receipt for a message has to repeat.
INSERT INTO promised (message, part_references, sha256) VALUES (:message, :part_references, :sha256)

-- name: insert_evidence
-- A receipt that was given or taken; one that is kept already stays.
INSERT INTO evidence (message, kind, at, content_type, soap_sha256, octets, sha256)
VALUES (:message, :kind, :at, :content_type, :soap_sha256, :octets, :sha256)
ON CONFLICT DO NOTHING

-- name: insert_acceptance
-- What makes a second arrival of a message known.
INSERT INTO acceptance (
    key, message, signer, soap_sha256, said, said_apart, own_digests, accepted_at, forget_at, sha256
) VALUES (
    :key, :message, :signer, :soap_sha256, :said, :said_apart, :own_digests, :accepted_at, :forget_at, :sha256
) ON CONFLICT (key) DO NOTHING

-- name: find_answered
-- The open questions that an answer names by its reference, between the same two parties in the conversation.
SELECT id, kind, question, original_sender, final_recipient, service, action, conversation_id, tracking_identifier,
    answered_at, waived_at
FROM message
WHERE tracking_identifier = :cross_reference AND question = 1 AND answered_at IS NULL
  AND conversation_id = :conversation_id
  AND original_sender = :final_recipient AND final_recipient = :original_sender
ORDER BY id
FOR UPDATE

-- name: find_unanswered
-- What a message answers by its reference, question or not, where none between these two parties answered it before.
SELECT id FROM message AS asked
WHERE tracking_identifier = :cross_reference AND conversation_id = :conversation_id
  AND original_sender = :final_recipient AND final_recipient = :original_sender
  AND NOT EXISTS (
    SELECT 1 FROM message AS answer
    WHERE answer.conversation_id = :conversation_id AND answer.original_sender = :original_sender
      AND answer.final_recipient = :final_recipient AND answer.kind = 'message'
      AND answer.cross_reference = :cross_reference AND answer.id > asked.id
  )
ORDER BY id
FOR UPDATE

-- name: find_confirmed
-- A message whose receiver gave its receipt within its term.
SELECT 1 FROM message WHERE id = :id AND receiver = :party AND state IN ('receipted', 'removed')
  AND EXISTS (SELECT 1 FROM evidence WHERE evidence.message = message.id AND evidence.kind = 'receipt-taken')

-- name: find_waived
-- The open questions of a conversation that a message makes unnecessary to answer.
SELECT id, kind, question, original_sender, final_recipient, service, action, conversation_id, tracking_identifier,
    answered_at, waived_at
FROM message
WHERE conversation_id = :conversation_id AND question = 1 AND answered_at IS NULL AND waived_at IS NULL
  AND original_sender = :final_recipient AND final_recipient = :original_sender AND service = :service
  AND action = ANY(:waives::text[])

-- name: find_waiver
-- A message of the conversation that made a question unnecessary to answer before it came.
SELECT id, kind, question, original_sender, final_recipient, service, action, conversation_id, tracking_identifier,
    answered_at, waived_at
FROM message
WHERE conversation_id = :conversation_id AND kind = 'message' AND service = :service
  AND original_sender = :final_recipient AND final_recipient = :original_sender
  AND action = ANY(:waived_by::text[])
LIMIT 1

-- name: mark_answered
-- These questions have their answer.
UPDATE message SET answered_at = :at WHERE id = ANY(:rows::bigint[]) AND answered_at IS NULL

-- name: mark_waived
-- These questions need no answer any more.
UPDATE message SET waived_at = :at WHERE id = ANY(:rows::bigint[]) AND waived_at IS NULL
