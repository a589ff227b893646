-- name: write_handling
-- Write one line of who had what in hand.
INSERT INTO handling (at, organisation, unit, person, deed, service, action, messages, sha256)
VALUES (:at, :organisation, :unit, :person, :deed, :service, :action, :messages, :sha256)

-- name: handlings
-- Lines of a unit, newest first.
SELECT * FROM handling
WHERE unit = :unit AND organisation = :organisation AND number < :older_than
ORDER BY number DESC LIMIT :limit
