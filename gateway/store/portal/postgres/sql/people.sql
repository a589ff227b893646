-- name: write_person
-- Write a person.
INSERT INTO person (id, key_sha256, organisation, name, made_at, logged_in_at, sha256)
VALUES (:id, :key_sha256, :organisation, :name, :made_at, :logged_in_at, :sha256)
ON CONFLICT (id) DO UPDATE SET
    key_sha256 = excluded.key_sha256, organisation = excluded.organisation, name = excluded.name,
    made_at = excluded.made_at, logged_in_at = excluded.logged_in_at, sha256 = excluded.sha256

-- name: write_administrator
-- Somebody logged in for administration; the first time counts.
INSERT INTO administrator (person, organisation, since, sha256) VALUES (:person, :organisation, :since, :sha256)
ON CONFLICT (person) DO NOTHING

-- name: administrators
-- Who ever logged in for administration of an organisation.
SELECT * FROM administrator WHERE organisation = :organisation ORDER BY since

-- name: person_by_key
-- Who is known by this digest.
SELECT * FROM person WHERE key_sha256 = :key_sha256

-- name: person_by_id
-- One person, whosever organisation it is.
SELECT * FROM person WHERE id = :id

-- name: persons
-- Everybody of an organisation.
SELECT * FROM person WHERE organisation = :organisation ORDER BY made_at, id

-- name: write_link
-- Write a link.
INSERT INTO link (id, person, organisation, unit, since, until, linked_by, ended_by, sha256)
VALUES (:id, :person, :organisation, :unit, :since, :until, :linked_by, :ended_by, :sha256)
ON CONFLICT (id) DO UPDATE SET
    person = excluded.person, organisation = excluded.organisation, unit = excluded.unit, since = excluded.since,
    until = excluded.until, linked_by = excluded.linked_by, ended_by = excluded.ended_by,
    sha256 = excluded.sha256

-- name: link_now
-- Where a person works for this unit now.
SELECT * FROM link WHERE person = :person AND unit = :unit AND until IS NULL

-- name: links_of
-- Where a person works now.
SELECT * FROM link WHERE person = :person AND until IS NULL ORDER BY unit

-- name: links
-- Who works, or worked, for which unit of an organisation.
SELECT * FROM link WHERE organisation = :organisation AND (until IS NULL OR :ended::boolean) ORDER BY unit, since, id

-- name: count_wrong_codes
-- How often an organisation was wrong of late.
SELECT count(*) FROM wrong_code WHERE organisation = :organisation AND at > :after

-- name: write_wrong_code
-- Remember that a code fitted nobody.
INSERT INTO wrong_code (organisation, at) VALUES (:organisation, :at)

-- name: sessions_by_code
-- Whose screens show a pairing code: one person's, or chance drew one code twice.
SELECT * FROM session WHERE pairing_sha256 = :pairing_sha256 LIMIT 2
