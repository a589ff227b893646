-- name: find_repeatable
SELECT message.id, message.state FROM message
WHERE message.id = :message AND message.state = 'offered' AND message.damaged = 0 AND message.expires_at > :terms_at
  AND (message.lease_token = :lease_token OR message.lease_until <= :at)
  AND (message.offerable_at <= :at OR message.offerable_at = message.lease_until)

-- name: has_other
SELECT EXISTS (
    SELECT 1 FROM message
    WHERE id = :message AND (damaged = 1 OR unreadable > 0 AND state = 'offered' AND offerable_at > lease_until)
)

-- name: find_offerable
SELECT id, state FROM message WHERE id = (
    SELECT min(id) FROM (
        SELECT * FROM (
            SELECT id FROM message
            WHERE mpc = :mpc AND state = 'stored' AND expires_at > :terms_at
            ORDER BY id LIMIT 1
        )
        UNION ALL
        SELECT min(id) FROM (
            SELECT id FROM message INDEXED BY message_offerable
            WHERE mpc = :mpc AND state = 'offered' AND damaged = 0 AND offerable_at <= :at AND expires_at > :terms_at
            ORDER BY offerable_at LIMIT :lapsed
        )
    )
)

-- name: count_open_leases
SELECT count(*) FROM (
    SELECT 1 FROM message INDEXED BY message_leased
    WHERE mpc = :mpc AND state = 'offered' AND lease_until > :at AND offerable_at > :at
    LIMIT :open_leases
)

-- name: lease
UPDATE message
SET state = 'offered', lease_token = :lease_token, lease_holder = :holder, lease_until = :lease_until,
    offerable_at = :lease_until, attempts = attempts + 1, offered_at = :at
WHERE id = :id AND state = :state

-- name: read_offer
SELECT message.message_id, envelope.content_type, envelope.head, envelope.tail, envelope.sha256, parts.octets,
    parts.blob, parts.size_octets, parts.sha256, message.lease_token, message.lease_until, message.attempts
FROM message
LEFT JOIN envelope ON envelope.message = message.id
LEFT JOIN parts ON parts.message = message.id
WHERE message.id = :id

-- name: prolong_lease
UPDATE message
SET lease_until = min(:until, offered_at + :longest), offerable_at = min(:until, offered_at + :longest)
WHERE message_id = :message_id AND state = 'offered' AND lease_token = :lease_token AND offerable_at = lease_until
  AND lease_until < min(:until, offered_at + :longest)

-- name: cut_lease
UPDATE message SET lease_until = :until, offerable_at = :until
WHERE message_id = :message_id AND state = 'offered' AND lease_token = :lease_token AND offerable_at = lease_until
  AND lease_until > :until

-- name: put_off
UPDATE message SET unreadable = unreadable + 1, lease_until = min(lease_until, :at), offerable_at = :offerable_at
WHERE message_id = :message_id AND state = 'offered' AND lease_token = :lease_token

-- name: count_unreadable
SELECT unreadable FROM message WHERE message_id = :message_id

-- name: list_doubtful
SELECT id, message_id FROM message
WHERE id > :after AND state = 'offered' AND (damaged = 1 OR unreadable > 0) ORDER BY id LIMIT :limit

-- name: mark_whole
UPDATE message SET damaged = 0, unreadable = 0, offerable_at = lease_until
WHERE id = :id AND state = 'offered' AND (damaged = 1 OR unreadable > 0)

-- name: mark_damaged
UPDATE message SET damaged = 1, lease_until = offered_at, offerable_at = offered_at
WHERE message_id = :message_id AND state = 'offered' AND damaged = 0
