-- name: find_heard
-- What is remembered of one signal or message of a party.
SELECT said_at, at, counted, mpc, holder, message, lease_token FROM heard
WHERE party = :party AND message_id = :heard_id

-- name: latest_heard
-- The latest eb:Timestamp of a signal of a party that counted.
SELECT max(said_at) FROM heard WHERE party = :party AND counted = 1

-- name: write_heard
-- Remember this of a signal or message, in the place of what was remembered of it.
INSERT INTO heard (party, message_id, said_at, at, counted, mpc, holder, message, lease_token)
VALUES (:party, :heard_id, :said_at, :at, :counted, :mpc, :holder, :message, :lease_token)
ON CONFLICT (party, message_id) DO UPDATE SET
    said_at = excluded.said_at, at = excluded.at, counted = excluded.counted, mpc = excluded.mpc,
    holder = excluded.holder, message = excluded.message, lease_token = excluded.lease_token

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
)

-- name: write_ping
-- Remember that a message of a party to the test service was taken.
INSERT INTO ping (party, at) VALUES (:party, :at) ON CONFLICT (party) DO UPDATE SET at = max(at, excluded.at)

-- name: forget_pings
-- Forget the pings of parties that have not been heard for very long.
DELETE FROM ping WHERE at <= :long_before
