-- name: find_heard
SELECT mpc, holder, at, message, lease_token FROM heard
WHERE party = :party AND message_id = :heard_id AND counted = 1

-- name: is_heard
SELECT counted FROM heard WHERE party = :party AND message_id = :heard_id

-- name: latest_heard
SELECT max(said_at) FROM heard WHERE party = :party AND counted = 1

-- name: count_heard
INSERT INTO heard (party, message_id, said_at, at, counted, mpc, holder, message, lease_token)
VALUES (:party, :heard_id, :said_at, :at, 1, :mpc, :holder, :message, :lease_token)
ON CONFLICT (party, message_id) DO UPDATE SET
    at = iif(counted = 1, at, excluded.at), counted = 1, mpc = excluded.mpc, holder = excluded.holder,
    message = excluded.message, lease_token = excluded.lease_token

-- name: note_heard
INSERT INTO heard (party, message_id, said_at, at, counted) VALUES (:party, :heard_id, :said_at, :at, 0)
ON CONFLICT (party, message_id) DO NOTHING

-- name: forget_heard
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
