-- name: find
SELECT number, content_digest, receipt FROM message WHERE sender = ? AND message_id = ?;

-- name: insert_message
INSERT INTO message (
    sender, message_id, service, action, conversation_id, tracking_identifier, cross_reference, original_sender,
    final_recipient, sent_at, received_at, origin, origin_thumbprint, origin_document, origin_party, origin_message_id,
    content_digest, receipt
) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
RETURNING number;

-- name: insert_part
INSERT INTO part (message, position, content_id, mime_type, character_set, octets, sha256, body, file)
VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?);

-- name: next_message
SELECT number, sender, message_id, state, service, action, conversation_id, tracking_identifier, cross_reference,
    original_sender, final_recipient, sent_at, received_at, origin, origin_thumbprint, origin_party, receipt_state
FROM message WHERE state = 'received' AND number > ? ORDER BY number LIMIT 1;

-- name: messages
SELECT number, sender, message_id, state, service, action, conversation_id, tracking_identifier, cross_reference,
    original_sender, final_recipient, sent_at, received_at, origin, origin_thumbprint, origin_party, receipt_state
FROM message WHERE number < ? ORDER BY number DESC LIMIT ?;

-- name: questions
SELECT number, sender, message_id, state, service, action, conversation_id, tracking_identifier, cross_reference,
    original_sender, final_recipient, sent_at, received_at, origin, origin_thumbprint, origin_party, receipt_state
FROM message WHERE tracking_identifier = ? AND original_sender = ? AND service = ? ORDER BY number DESC;

-- name: evidence
SELECT origin_document, receipt FROM message WHERE number = ?;

-- name: parts
SELECT content_id, mime_type, character_set, octets, sha256, body, file
FROM part WHERE message = ? ORDER BY position;

-- name: mark_processed
UPDATE message SET state = 'processed', processed_at = ? WHERE number = ? AND state = 'received' RETURNING number;

-- name: receipts_due
SELECT number, message_id, receipt FROM message WHERE receipt_state = 'due' ORDER BY number LIMIT ?;

-- name: receipt_due_again
UPDATE message SET receipt_state = 'due', receipt_error = NULL WHERE number = ?;

-- name: note_receipt
UPDATE message SET receipt_state = ?, receipt_error = ? WHERE number = ? AND receipt_state = 'due';

-- name: processed_files
SELECT part.file FROM part JOIN message ON message.number = part.message
WHERE message.state = 'processed' AND message.processed_at <= ? AND part.file IS NOT NULL;

-- name: forget_parts
DELETE FROM part WHERE message IN (SELECT number FROM message WHERE state = 'processed' AND processed_at <= ?);

-- name: forget_messages
DELETE FROM message
WHERE state = 'processed' AND received_at <= ? AND receipt_state <> 'due'
    AND NOT EXISTS (SELECT 1 FROM part WHERE part.message = message.number);

-- name: files
SELECT file FROM part WHERE file IS NOT NULL;

-- name: find_origin
SELECT number FROM message WHERE origin_party = ? AND origin_message_id = ?;

-- name: note_not_taken
INSERT INTO not_taken (sender, message_id, code, noted_at) VALUES (?, ?, ?, ?)
ON CONFLICT DO UPDATE SET code = excluded.code, noted_at = excluded.noted_at;

-- name: taken_after_all
DELETE FROM not_taken WHERE sender = ? AND message_id = ?;

-- name: not_taken
SELECT message_id, code, noted_at FROM not_taken WHERE noted_at > ? ORDER BY noted_at;

-- name: forget_not_taken
DELETE FROM not_taken WHERE noted_at <= ?;
