-- name: find_heard
-- What is remembered of one signal or message of a party.
SELECT said_at, at, counted, mpc, holder, message, lease_token FROM heard
WHERE party = :party AND message_id = :heard_id FOR UPDATE

-- name: latest_heard
-- The latest eb:Timestamp of a signal of a party that counted.
SELECT max(said_at) FROM heard WHERE party = :party AND counted = 1

-- name: insert_heard
-- Remember this of a signal or message that nothing was remembered of; nothing, where another was faster.
INSERT INTO heard (party, message_id, said_at, at, counted, mpc, holder, message, lease_token)
VALUES (:party, :heard_id, :said_at, :at, :counted, :mpc, :holder, :message, :lease_token)
ON CONFLICT (party, message_id) DO NOTHING

-- name: update_heard
-- Remember this of a signal or message, in the place of what was remembered of it.
UPDATE heard SET said_at = :said_at, at = :at, counted = :counted, mpc = :mpc, holder = :holder, message = :message,
    lease_token = :lease_token
WHERE party = :party AND message_id = :heard_id

-- name: forget_heard
-- Forget old signals that never counted or of whose party a later one is known, and very old ones whatever they were.
DELETE FROM heard WHERE (party, message_id) IN (
    SELECT old.party, old.message_id FROM heard AS old
    WHERE old.at <= :before AND (
        old.at <= :long_before OR old.counted = 0 OR EXISTS (
            SELECT 1 FROM heard AS newer
            WHERE newer.party = old.party AND newer.counted = 1 AND newer.said_at > old.said_at
        )
    )
    LIMIT :limit
    FOR UPDATE OF old SKIP LOCKED
)

-- name: write_ping
-- Remember that a message of a party to the test service was taken.
INSERT INTO ping (party, at) VALUES (:party, :at) ON CONFLICT (party) DO UPDATE SET at = greatest(ping.at, excluded.at)

-- name: forget_pings
-- Forget the pings of parties that have not been heard for very long.
DELETE FROM ping WHERE at <= :long_before
