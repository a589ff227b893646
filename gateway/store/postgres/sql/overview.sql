-- name: list_waiting
-- What waits for a party, by its deadline, after the last of a page.
SELECT * FROM message
WHERE receiver = :party AND state IN ('stored', 'offered')
  AND (expires_at, id) > (
    coalesce((SELECT expires_at FROM message WHERE message_id = :after AND receiver = :party), :first),
    coalesce((SELECT id FROM message WHERE message_id = :after AND receiver = :party), 0)
  )
ORDER BY expires_at, id LIMIT :limit

-- name: count_waiting
-- How much waits for a party.
SELECT count(*) FROM message
WHERE receiver = :party AND state IN ('stored', 'offered')

-- name: list_asked
-- What was sent to a party under these references, of as many as are looked at for each one that waits, then one unanswered.
SELECT message.* FROM unnest(:references::text[]) AS wanted (value)
JOIN message ON message.id = (
    SELECT id FROM (
        SELECT id, state, answered_at FROM message
        WHERE tracking_identifier = wanted.value AND receiver = :party AND kind = 'message' LIMIT :most
    ) AS found
    ORDER BY state NOT IN ('stored', 'offered'), answered_at IS NOT NULL, id LIMIT 1
)

-- name: list_sent
-- What was accepted of a party, newest first, before the last of a page.
SELECT * FROM message
WHERE sender = :party AND kind = 'message'
  AND id < coalesce((SELECT id FROM message WHERE message_id = :before AND sender = :party), 9223372036854775807)
ORDER BY id DESC LIMIT :limit

-- name: list_collected
-- Which of these messages have the receipt of their receiver.
SELECT message_id FROM message
WHERE message_id = ANY(:ids::text[]) AND EXISTS (
    SELECT 1 FROM evidence WHERE evidence.message = message.id AND evidence.kind IN ('receipt-taken', 'receipt-late')
)

-- name: list_unanswered
-- Questions whose receipt their receiver gave and that await an answer, newest first.
SELECT * FROM message
WHERE receiver = :party AND question = 1 AND answered_at IS NULL AND waived_at IS NULL
  AND state IN ('receipted', 'expired', 'removed')
  AND EXISTS (
      SELECT 1 FROM evidence WHERE evidence.message = message.id AND evidence.kind IN ('receipt-taken', 'receipt-late')
  )
ORDER BY id DESC LIMIT :limit

-- name: list_answers
-- What answers a question: of who got it, in its conversation, by its reference.
SELECT * FROM message
WHERE conversation_id = :conversation_id AND original_sender = :original_sender AND final_recipient = :final_recipient
  AND cross_reference = :cross_reference AND kind = 'message'
ORDER BY id LIMIT :limit

-- name: number_arrivals
-- Give the messages that have none yet their numbers, by the order in which they were taken.
WITH moved AS (DELETE FROM unnumbered RETURNING message)
INSERT INTO arrival (message) SELECT message FROM moved ORDER BY message

-- name: list_arrivals
-- What arrived after the message of a number, the oldest first.
SELECT message.*, arrival.number AS arrival FROM arrival JOIN message ON message.id = arrival.message
WHERE arrival.number > :after ORDER BY arrival.number LIMIT :limit

-- name: newest_arrival
-- The number of the message that arrived last; 0 where none did.
SELECT coalesce(max(number), 0) FROM arrival
