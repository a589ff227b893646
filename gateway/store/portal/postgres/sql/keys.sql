-- name: write_lock
-- Write a lock.
INSERT INTO lock (id, organisation, unit, person, kind, name, public_key, sealed_key, credential_id, is_backup_eligible,
    challenge, made_at, counts_since, used_at, sha256)
VALUES (:id, :organisation, :unit, :person, :kind, :name, :public_key, :sealed_key, :credential_id,
    :is_backup_eligible, :challenge, :made_at, :counts_since, :used_at, :sha256)
ON CONFLICT (id) DO UPDATE SET
    organisation = excluded.organisation, unit = excluded.unit, person = excluded.person, kind = excluded.kind,
    name = excluded.name, public_key = excluded.public_key, sealed_key = excluded.sealed_key,
    credential_id = excluded.credential_id, is_backup_eligible = excluded.is_backup_eligible, challenge = excluded.challenge,
    made_at = excluded.made_at, counts_since = excluded.counts_since, used_at = excluded.used_at,
    sha256 = excluded.sha256

-- name: lock_by_id
-- One lock, whether it counts or not.
SELECT * FROM lock WHERE id = :id

-- name: locks
-- The locks of a unit.
SELECT * FROM lock WHERE unit = :unit ORDER BY made_at, id

-- name: count_locks
-- How many locks of a unit are a person's.
SELECT count(*) FROM lock WHERE person = :person AND unit = :unit

-- name: locks_of
-- What a person opens by his own means: a sheet lies in the safe of his organisation.
SELECT * FROM lock WHERE person = :person AND unit = :unit AND kind <> 'sheet'

-- name: delete_copies_of_lock
-- What was wrapped to a lock goes before it.
DELETE FROM wrapped_copy WHERE lock = :lock

-- name: delete_lock
-- A lock goes.
DELETE FROM lock WHERE id = :lock

-- name: write_key_set
-- Write a key set.
INSERT INTO key_set (id, organisation, unit, made_by, signing_certificate, decryption_certificate, organisation_key,
    state, made_at, active_since, retired_at, ended_at, sha256)
VALUES (:id, :organisation, :unit, :made_by, :signing_certificate, :decryption_certificate, :organisation_key, :state,
    :made_at, :active_since, :retired_at, :ended_at, :sha256)
ON CONFLICT (id) DO UPDATE SET
    organisation = excluded.organisation, unit = excluded.unit, made_by = excluded.made_by,
    signing_certificate = excluded.signing_certificate, decryption_certificate = excluded.decryption_certificate,
    organisation_key = excluded.organisation_key, state = excluded.state, made_at = excluded.made_at,
    active_since = excluded.active_since, retired_at = excluded.retired_at, ended_at = excluded.ended_at,
    sha256 = excluded.sha256

-- name: key_set_by_id
-- One key set.
SELECT * FROM key_set WHERE id = :id

-- name: key_sets
-- The key sets of a unit, newest first.
SELECT * FROM key_set WHERE unit = :unit ORDER BY made_at DESC, id DESC

-- name: retired_key_sets
-- Those in whose place another came, and under which messages may wait.
SELECT * FROM key_set WHERE state = 'retired' AND retired_at > 0 ORDER BY retired_at, id

-- name: count_key_sets
-- How many sets of a unit were made of late.
SELECT count(*) FROM key_set WHERE unit = :unit AND made_at > :after

-- name: key_set_in_state
-- The one set of a unit that is proposed, or active.
SELECT * FROM key_set WHERE unit = :unit AND state = :state

-- name: delete_copies_of_key_set
-- Nobody can use a set any more.
DELETE FROM wrapped_copy WHERE key_set = :key_set

-- name: write_wrapped_copy
-- Write a key set wrapped to a lock, in the place of what was wrapped to it before.
INSERT INTO wrapped_copy (key_set, lock, octets, wrapped_by, wrapped_at, sha256)
VALUES (:key_set, :lock, :octets, :wrapped_by, :wrapped_at, :sha256)
ON CONFLICT (key_set, lock) DO UPDATE SET
    octets = excluded.octets, wrapped_by = excluded.wrapped_by, wrapped_at = excluded.wrapped_at,
    sha256 = excluded.sha256

-- name: copies
-- What is wrapped for a unit, to all of its locks or to one.
SELECT wrapped_copy.key_set, wrapped_copy.lock, wrapped_copy.octets, wrapped_copy.wrapped_by, wrapped_copy.wrapped_at,
    wrapped_copy.sha256
FROM wrapped_copy JOIN lock ON lock.id = wrapped_copy.lock JOIN key_set ON key_set.id = wrapped_copy.key_set
WHERE lock.unit = :unit AND key_set.unit = :unit AND (:lock::text IS NULL OR lock.id = :lock)
ORDER BY key_set.made_at DESC, key_set.id DESC, lock.made_at, lock.id

-- name: write_ceremony
-- Write a ceremony.
INSERT INTO ceremony (id, organisation, unit, newcomer, approver, said, began_at, sha256)
VALUES (:id, :organisation, :unit, :newcomer, :approver, :said, :began_at, :sha256)
ON CONFLICT (id) DO UPDATE SET
    organisation = excluded.organisation, unit = excluded.unit, newcomer = excluded.newcomer,
    approver = excluded.approver, said = excluded.said, began_at = excluded.began_at, sha256 = excluded.sha256

-- name: ceremony_by_id
-- One ceremony, over or not.
SELECT * FROM ceremony WHERE id = :id

-- name: ceremonies
-- What is under way in a unit.
SELECT * FROM ceremony WHERE unit = :unit AND began_at > :after ORDER BY began_at, id

-- name: count_ceremonies
-- How much is under way in a unit.
SELECT count(*) FROM ceremony WHERE unit = :unit AND began_at > :after

-- name: end_ceremony
-- A ceremony ends.
DELETE FROM ceremony WHERE id = :id

-- name: end_ceremonies_of
-- A newcomer begins one at a time.
DELETE FROM ceremony WHERE unit = :unit AND newcomer = :newcomer

-- name: end_ceremonies_with
-- Who left takes part in none.
DELETE FROM ceremony WHERE unit = :unit AND (newcomer = :person OR approver = :person)
