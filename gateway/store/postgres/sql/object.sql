-- name: announce_object
-- An object is about to be written, and is removed after a moment if no message has it then.
INSERT INTO object (name, remove_at, pieces) VALUES (:name, :remove_at, :pieces)

-- name: bind_object
-- The parts of a message lie in an object, which nobody is removing.
UPDATE object SET message = :message, remove_at = NULL
WHERE name = :name AND message IS NULL AND remove_at > :at

-- name: let_go_object
-- No message will have an object that none has.
UPDATE object SET remove_at = 0 WHERE name = :name AND message IS NULL

-- name: leave_objects
-- What messages had in objects is to be removed.
UPDATE object SET message = NULL, remove_at = 0 WHERE message = ANY(:ids::bigint[])

-- name: claim_objects
-- Objects to remove now, which from here on no message can get; those that could not be removed before come last.
UPDATE object SET remove_at = least(remove_at, 0)
WHERE name IN (
    SELECT name FROM object WHERE remove_at <= :at ORDER BY remove_at DESC LIMIT :limit FOR UPDATE SKIP LOCKED
)
RETURNING name, pieces, remove_at

-- name: forget_objects
-- These objects are gone.
DELETE FROM object WHERE name = ANY(:names::text[]) AND remove_at <= 0

-- name: put_back_object
-- This one could not be removed: others first.
UPDATE object SET remove_at = remove_at - 1 WHERE name = :name AND remove_at <= 0

-- name: known_objects
-- Which of these names are known.
SELECT name FROM object WHERE name = ANY(:names::text[])

-- name: begin_listing
-- Whoever comes first when it is time holds what is in object storage against what is known.
UPDATE store SET objects_listed_at = :at WHERE objects_listed_at IS NULL OR objects_listed_at <= :before

-- name: count_objects
-- How many objects messages have, and how many are being removed.
SELECT count(*) FILTER (WHERE message IS NOT NULL), count(*) FILTER (WHERE remove_at <= 0) FROM object
