-- name: insert
-- A message that has to be sent, as the octets that will leave each time.
INSERT INTO message (
    message_id, service, action, tracking_identifier, final_recipient, signed_references, content_type, head, parts,
    file, parts_octets, tail, created_at, parts_sha256, digest, asked_sha256
) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?);

-- name: find
-- A message by its MessageId.
SELECT message_id, state, service, action, tracking_identifier, final_recipient, signed_references, content_type, head,
    parts, file, parts_octets, tail, created_at, attempts, closed_at, receipt, errors,
    parts_sha256, digest, asked_sha256
FROM message WHERE message_id = ?;

-- name: find_asked
-- The message that a caller asked for under a reference of its own.
SELECT message_id, state, service, action, tracking_identifier, final_recipient, signed_references, content_type, head,
    parts, file, parts_octets, tail, created_at, attempts, closed_at, receipt, errors,
    parts_sha256, digest, asked_sha256
FROM message WHERE tracking_identifier = ? AND asked_sha256 IS NOT NULL;

-- name: waiting
-- What is not receipted yet, oldest first.
SELECT message_id FROM message WHERE state = 'waiting' ORDER BY number;

-- name: messages
-- What was to be sent, newest first.
SELECT message_id, state, service, action, tracking_identifier, final_recipient, signed_references, content_type, head,
    parts, file, parts_octets, tail, created_at, attempts, closed_at, receipt, errors,
    parts_sha256, digest, asked_sha256
FROM message ORDER BY number DESC LIMIT ?;

-- name: count_attempt
-- One attempt more to send a message that waits.
UPDATE message SET attempts = attempts + 1 WHERE message_id = ? AND state = 'waiting' RETURNING attempts;

-- name: note
-- What went wrong with the last attempt.
UPDATE message SET errors = ? WHERE message_id = ? AND state = 'waiting';

-- name: close
-- A message is receipted, or given up.
UPDATE message SET state = ?, receipt = ?, errors = ?, closed_at = ?
WHERE message_id = ? AND state = 'waiting' RETURNING file;

-- name: empty
-- Let go of the octets of a message that was closed.
UPDATE message SET parts = NULL, file = NULL WHERE message_id = ? AND state <> 'waiting';

-- name: forget
-- Forget messages that were closed long ago and lie in no file.
DELETE FROM message WHERE state <> 'waiting' AND closed_at <= ? AND file IS NULL;

-- name: files
-- Every file that a message lies in.
SELECT file FROM message WHERE file IS NOT NULL;
