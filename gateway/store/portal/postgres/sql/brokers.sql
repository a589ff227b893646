-- name: write_broker_metadata
-- Write until when the metadata of a broker count.
INSERT INTO broker_metadata (broker, valid_until, relied_at, sha256)
VALUES (:broker, :valid_until, :relied_at, :sha256)
ON CONFLICT (broker) DO UPDATE SET
    valid_until = excluded.valid_until, relied_at = excluded.relied_at, sha256 = excluded.sha256

-- name: broker_metadata
-- Until when those of this broker count.
SELECT * FROM broker_metadata WHERE broker = :broker
