-- name: read_message
-- What a message row says of its offers, by its row.
SELECT id, receiver, state, expires_at, attempts, errors, last_error, unreadable, damaged, lease_token, lease_until,
    offerable_at, offered_at, desk_holder
FROM message WHERE id = :id

-- name: lock_row
-- The same, and nobody else changes it until the end of this transaction.
SELECT id, receiver, state, expires_at, attempts, errors, last_error, unreadable, damaged, lease_token, lease_until,
    offerable_at, offered_at, desk_holder
FROM message WHERE id = :id FOR UPDATE

-- name: find_offerable
-- The oldest message of a mailbox that may be offered now and that nobody else is at; one that changed meanwhile is judged anew.
SELECT id, receiver, state, expires_at, attempts, errors, last_error, unreadable, damaged, lease_token, lease_until,
    offerable_at, offered_at, desk_holder
FROM message
WHERE id IN (
    SELECT id FROM (
        SELECT id FROM message WHERE mpc = :mpc AND state = 'stored' AND expires_at > :terms_at ORDER BY id LIMIT :crowd
    ) AS stored
    UNION ALL
    SELECT id FROM (
        SELECT id FROM message
        WHERE mpc = :mpc AND state = 'offered' AND damaged = 0 AND offerable_at <= :at AND expires_at > :terms_at
        ORDER BY offerable_at LIMIT :lapsed
    ) AS lapsed
)
  AND expires_at > :terms_at
  AND (state = 'stored' OR (state = 'offered' AND damaged = 0 AND offerable_at <= :at))
ORDER BY id LIMIT 1
FOR UPDATE SKIP LOCKED

-- name: count_open_leases
-- How many messages of a mailbox are under an open lease; counted no further than as many as may be.
SELECT count(*) FROM (
    SELECT 1 FROM message
    WHERE mpc = :mpc AND state = 'offered' AND desk_holder IS NULL AND lease_until > :at AND offerable_at > :at
    LIMIT :open_leases
) AS leased

-- name: count_desk_leases
-- How many messages of the mailbox of one are open at desks; counted no further than as many as may be.
SELECT count(*) FROM (
    SELECT 1 FROM message
    WHERE mpc = (SELECT mpc FROM message WHERE id = :id) AND state = 'offered' AND desk_holder IS NOT NULL
      AND lease_until > :at
    LIMIT :most
) AS at_desk

-- name: count_held
-- How many other messages a person has open, those of one list being one.
SELECT count(DISTINCT coalesce(desk_list, id::text)) FROM message
WHERE desk_holder = :person AND state = 'offered' AND lease_until > :at AND id IS DISTINCT FROM :id

-- name: lock_list
-- What a person of a unit has open with a list, which nobody else changes until the end of this transaction.
SELECT id, receiver, state, expires_at, attempts, errors, last_error, unreadable, damaged, lease_token, lease_until,
    offerable_at, offered_at, desk_holder
FROM message
WHERE desk_holder = :person AND state = 'offered' AND lease_until > :at AND desk_list = :desk_list AND receiver = :party
ORDER BY id
FOR UPDATE

-- name: count_list
-- Whether a person of a unit has anything open with a list.
SELECT count(*) FROM (
    SELECT 1 FROM message
    WHERE desk_holder = :person AND state = 'offered' AND lease_until > :at AND desk_list = :desk_list
      AND receiver = :party
    LIMIT 1
) AS of_list

-- name: join_list
-- Messages that were opened with a list belong to this one now; what was opened by itself stays by itself.
UPDATE message SET desk_list = :desk_list
WHERE id = ANY(:rows::bigint[]) AND desk_list IS NOT NULL AND desk_list <> :desk_list

-- name: lease
-- Put a message under a new lease (T4).
UPDATE message
SET state = 'offered', lease_token = :lease_token, lease_holder = :holder, desk_holder = :desk_holder, lease_until = :lease_until,
    offerable_at = :offerable_at, attempts = :attempts, offered_at = :offered_at, desk_list = :desk_list
WHERE id = :id AND state = :before

-- name: move_lease
-- Write where the lease of an offered message ends, and why it may have to wait.
UPDATE message
SET lease_until = :lease_until, offerable_at = :offerable_at, errors = :errors, last_error = :last_error,
    unreadable = :unreadable, damaged = :damaged
WHERE id = :id AND state = 'offered'

-- name: read_offer
-- All that leaves on a pull, with its digests; what is missing is NULL.
SELECT message.message_id, envelope.content_type, envelope.head, envelope.tail, envelope.sha256, parts.octets,
    CASE WHEN parts.octets IS NULL THEN coalesce('object ' || object.name, parts.message::text) END, parts.size_octets, parts.sha256, message.lease_token, message.lease_until, message.attempts
FROM message
LEFT JOIN envelope ON envelope.message = message.id
LEFT JOIN parts ON parts.message = message.id
LEFT JOIN object ON object.message = message.id
WHERE message.id = :id

-- name: read_piece
-- One of the pieces in which large parts lie.
SELECT octets FROM piece WHERE message = :message AND number = :number

-- name: read_envelope
-- The envelope of a message that waits for a party, with all that stands under its digest; what is missing is NULL.
SELECT message.message_id, envelope.content_type, envelope.head, envelope.tail, parts.size_octets, parts.sha256,
    envelope.sha256
FROM message
LEFT JOIN envelope ON envelope.message = message.id
LEFT JOIN parts ON parts.message = message.id
WHERE message.message_id = :message_id AND message.receiver = :party AND message.state IN ('stored', 'offered')

-- name: list_doubtful
-- Offered messages that are marked damaged or could not be read, after a row.
SELECT id, message_id FROM message
WHERE id > :after AND state = 'offered' AND (damaged = 1 OR unreadable > 0) ORDER BY id LIMIT :limit
