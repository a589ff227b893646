-- name: insert
INSERT INTO message (
    message_id, service, action, tracking_identifier, final_recipient, signed_references, content_type, head, parts,
    file, parts_octets, tail, created_at
) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?);

-- name: find
SELECT message_id, state, service, action, tracking_identifier, final_recipient, signed_references, content_type, head,
    parts, file, parts_octets, tail, created_at, attempts, closed_at, receipt, errors
FROM message WHERE message_id = ?;

-- name: waiting
SELECT message_id FROM message WHERE state = 'waiting' ORDER BY number;

-- name: messages
SELECT message_id, state, service, action, tracking_identifier, final_recipient, signed_references, content_type, head,
    parts, file, parts_octets, tail, created_at, attempts, closed_at, receipt, errors
FROM message ORDER BY number DESC LIMIT ?;

-- name: count_attempt
UPDATE message SET attempts = attempts + 1 WHERE message_id = ? AND state = 'waiting' RETURNING attempts;

-- name: note
UPDATE message SET errors = ? WHERE message_id = ? AND state = 'waiting';

-- name: close
UPDATE message SET state = ?, receipt = ?, errors = ?, closed_at = ?
WHERE message_id = ? AND state = 'waiting' RETURNING file;

-- name: empty
UPDATE message SET parts = NULL, file = NULL WHERE message_id = ? AND state <> 'waiting';

-- name: forget
DELETE FROM message WHERE state <> 'waiting' AND closed_at <= ? AND file IS NULL;

-- name: files
SELECT file FROM message WHERE file IS NOT NULL;
