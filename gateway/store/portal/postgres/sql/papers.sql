-- name: write_document
-- Write a version of a document, once.
INSERT INTO document (kind, organisation, unit, counter, previous_sha256, octets, signature, kept_by, kept_at, sha256)
VALUES (:kind, :organisation, :unit, :counter, :previous_sha256, :octets, :signature, :kept_by, :kept_at, :sha256)

-- name: document
-- The newest version.
SELECT * FROM document WHERE kind = :kind AND organisation = :organisation AND unit = :unit
ORDER BY counter DESC LIMIT 1

-- name: documents
-- All versions, newest first.
SELECT * FROM document WHERE kind = :kind AND organisation = :organisation AND unit = :unit ORDER BY counter DESC

-- name: forget_known
-- Forget what a unit knew before the newest version.
DELETE FROM document
WHERE kind = 'known' AND organisation = :organisation AND unit = :unit AND counter < :below

-- name: forget_rosters_since
-- Forget the rosters of a unit that follow on keys which were refused.
DELETE FROM document
WHERE kind = 'roster' AND organisation = :organisation AND unit = :unit AND kept_at >= :since

-- name: write_request
-- Write a request.
INSERT INTO request (id, kind, organisation, unit, asked_by, about, asked_at, state, decided_at, decided_by, reason,
    sha256)
VALUES (:id, :kind, :organisation, :unit, :asked_by, :about, :asked_at, :state, :decided_at, :decided_by, :reason,
    :sha256)
ON CONFLICT (id) DO UPDATE SET
    kind = excluded.kind, organisation = excluded.organisation, unit = excluded.unit,
    asked_by = excluded.asked_by, about = excluded.about, asked_at = excluded.asked_at, state = excluded.state,
    decided_at = excluded.decided_at, decided_by = excluded.decided_by, reason = excluded.reason,
    sha256 = excluded.sha256

-- name: request_by_id
-- One request.
SELECT * FROM request WHERE id = :id

-- name: count_wishes
-- How many requests of an organisation came since, besides those for keys.
SELECT count(*) FROM request
WHERE organisation = :organisation AND asked_at > :after AND kind NOT IN ('key-set', 'lost-keys', 'joining')

-- name: count_joinings
-- How many ask to take part and wait.
SELECT count(*) FROM request WHERE state = 'submitted' AND kind = 'joining'

-- name: open_request_about
-- What still has to be decided about a key set.
SELECT * FROM request WHERE about = :about AND state = 'submitted'

-- name: write_approving
-- The operator's yes is being carried out.
INSERT INTO approving (request, since, sha256) VALUES (:request, :since, :sha256)

-- name: approving
-- Whether it is.
SELECT * FROM approving WHERE request = :request

-- name: all_approving
-- All that are.
SELECT * FROM approving

-- name: delete_approving
-- It was decided.
DELETE FROM approving WHERE request = :request

-- name: requests
-- Requests of one organisation or of all, in some states or any.
SELECT * FROM request
WHERE (:organisation::text IS NULL OR organisation = :organisation)
  AND (:states::text = '[]' OR state IN (SELECT json_array_elements_text(:states::json)))
ORDER BY asked_at DESC, id DESC

-- name: write_notice
-- Write the notice of the operator.
INSERT INTO notice (only_one, text, until, sha256)
VALUES (:only_one, :text, :until, :sha256)
ON CONFLICT (only_one) DO UPDATE SET
    text = excluded.text, until = excluded.until, sha256 = excluded.sha256

-- name: delete_notice
-- Nothing stands above the pages.
DELETE FROM notice

-- name: notice
-- What stands above the pages now.
SELECT * FROM notice WHERE until > :at

-- name: write_journal
-- Write one line of the journal.
INSERT INTO journal (at, organisation, unit, by, event, about, sha256)
VALUES (:at, :organisation, :unit, :by, :event, :about, :sha256)

-- name: journal
-- Lines of an organisation, newest first.
SELECT * FROM journal WHERE organisation = :organisation AND number < :older_than ORDER BY number DESC LIMIT :limit
