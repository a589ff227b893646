-- name: find
-- A message of a sender, so that it is taken once.
SELECT number, content_digest, content_seal, receipt, receipt_digest FROM message WHERE sender = ? AND message_id = ?;

-- name: insert_message
-- A message that was taken, with the receipt that it earns.
INSERT INTO message (
    sender, message_id, service, action, conversation_id, tracking_identifier, cross_reference, original_sender,
    final_recipient, sent_at, received_at, origin, origin_thumbprint, origin_document, origin_party, origin_message_id,
    content_digest, content_seal, receipt, receipt_digest
) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
RETURNING number;

-- name: insert_part
-- One part of it: its octets, or the name of a file.
INSERT INTO part (message, position, content_id, mime_type, character_set, octets, sha256, body, file)
VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?);

-- name: next_message
-- The oldest message that nobody has processed, after a number.
SELECT number, sender, message_id, state, service, action, conversation_id, tracking_identifier, cross_reference,
    original_sender, final_recipient, sent_at, received_at, origin, origin_thumbprint, origin_party, receipt_state
FROM message WHERE state = 'received' AND number > ? ORDER BY number LIMIT 1;

-- name: to_give
-- What nobody has processed and was not fetched since a moment, what was never fetched before all else.
SELECT number, sender, message_id, state, service, action, conversation_id, tracking_identifier, cross_reference,
    original_sender, final_recipient, sent_at, received_at, origin, origin_thumbprint, origin_party, receipt_state
FROM message
WHERE state = 'received' AND (given_at IS NULL OR given_at <= :given_before)
    AND (:actions IS NULL OR action IN (SELECT value FROM json_each(:actions)))
    AND (:conversation_id IS NULL OR conversation_id = :conversation_id)
    AND action <> :but
ORDER BY given_at, number LIMIT :most;

-- name: note_given
-- A message is handed to whoever fetches.
UPDATE message SET given_at = ? WHERE number = ?;

-- name: of_message_id
-- A message by the id under which the hub sent it.
SELECT number FROM message WHERE sender = ? AND message_id = ?;

-- name: messages
-- What was taken, newest first.
SELECT number, sender, message_id, state, service, action, conversation_id, tracking_identifier, cross_reference,
    original_sender, final_recipient, sent_at, received_at, origin, origin_thumbprint, origin_party, receipt_state
FROM message WHERE number < ? ORDER BY number DESC LIMIT ?;

-- name: questions
-- What a reference of a party may mean, newest first.
SELECT number, sender, message_id, state, service, action, conversation_id, tracking_identifier, cross_reference,
    original_sender, final_recipient, sent_at, received_at, origin, origin_thumbprint, origin_party, receipt_state
FROM message WHERE tracking_identifier = ? AND original_sender = ? AND service = ? ORDER BY number DESC;

-- name: answers
-- What answers a reference of ours, newest first.
SELECT number, sender, message_id, state, service, action, conversation_id, tracking_identifier, cross_reference,
    original_sender, final_recipient, sent_at, received_at, origin, origin_thumbprint, origin_party, receipt_state
FROM message WHERE cross_reference = ? AND service = ? AND action = ? ORDER BY number DESC LIMIT 1;

-- name: evidence
-- The proof of origin of a message, and the receipt for it.
SELECT origin_document, receipt FROM message WHERE number = ?;

-- name: parts
-- The parts of a message, in their order.
SELECT content_id, mime_type, character_set, octets, sha256, body, file
FROM part WHERE message = ? ORDER BY position;

-- name: mark_processed
-- Somebody has dealt with a message.
UPDATE message SET state = 'processed', processed_at = ? WHERE number = ? AND state = 'received' RETURNING number;

-- name: receipts_due
-- Receipts that have to be given, oldest first.
SELECT number, message_id, receipt FROM message
WHERE receipt_state = 'due' AND digest(sender, message_id, receipt) IS receipt_digest ORDER BY number LIMIT ?;

-- name: damaged_receipts
-- Receipts that would have to be given and are not what was stored, oldest first.
SELECT number, message_id FROM message
WHERE receipt_state = 'due' AND digest(sender, message_id, receipt) IS NOT receipt_digest ORDER BY number;

-- name: note_damage_told
-- Somebody knows that this receipt cannot be given; not of one that was made anew in between.
UPDATE message SET receipt_state = 'refused', receipt_error = ?
WHERE number = ? AND receipt_state = 'due' AND digest(sender, message_id, receipt) IS NOT receipt_digest;

-- name: receipt_due_again
-- Its sender asks again: the receipt has to be given once more.
UPDATE message SET receipt_state = 'due', receipt_error = NULL WHERE number = ?;

-- name: renew_receipt
-- A receipt in the place of one that the disk changed, as its message came again.
UPDATE message SET receipt = ?, receipt_digest = ?, receipt_state = 'due', receipt_error = NULL WHERE number = ?;

-- name: note_receipt
-- What became of a receipt that was due.
UPDATE message SET receipt_state = ?, receipt_error = ? WHERE number = ? AND receipt_state = 'due';

-- name: processed_files
-- Files of parts that were processed long ago.
SELECT part.file FROM part JOIN message ON message.number = part.message
WHERE message.state = 'processed' AND message.processed_at <= ? AND part.file IS NOT NULL;

-- name: forget_parts
-- Forget the parts of what was processed long ago.
DELETE FROM part WHERE message IN (SELECT number FROM message WHERE state = 'processed' AND processed_at <= ?);

-- name: forget_messages
-- Forget messages that are old, processed and receipted, and have no parts any more.
DELETE FROM message
WHERE state = 'processed' AND received_at <= ? AND receipt_state <> 'due'
    AND NOT EXISTS (SELECT 1 FROM part WHERE part.message = message.number);

-- name: files
-- Every file that a part lies in.
SELECT file FROM part WHERE file IS NOT NULL;

-- name: find_origin
-- Whether a proof of origin was taken before.
SELECT number FROM message WHERE origin_party = ? AND origin_message_id = ?;

-- name: note_not_taken
-- A message was refused, and why.
INSERT INTO not_taken (sender, message_id, code, noted_at) VALUES (?, ?, ?, ?)
ON CONFLICT DO UPDATE SET code = excluded.code, noted_at = excluded.noted_at;

-- name: taken_after_all
-- It was taken in the end; it may have been refused while participant.yaml named another hub as its sender.
DELETE FROM not_taken WHERE message_id = ?;

-- name: not_taken
-- What was refused since a moment and not taken after all.
SELECT message_id, code, noted_at FROM not_taken WHERE noted_at > ? ORDER BY noted_at;

-- name: forget_not_taken
-- Forget refusals that are old.
DELETE FROM not_taken WHERE noted_at <= ?;
