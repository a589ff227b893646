-- name: write_session
-- Write a session.
INSERT INTO session (token_sha256, person, kind, branch, pairing_sha256, began_at, used_at, sha256)
VALUES (:token_sha256, :person, :kind, :branch, :pairing_sha256, :began_at, :used_at, :sha256)
ON CONFLICT (token_sha256) DO UPDATE SET
    person = excluded.person, kind = excluded.kind, branch = excluded.branch,
    pairing_sha256 = excluded.pairing_sha256, began_at = excluded.began_at, used_at = excluded.used_at,
    sha256 = excluded.sha256

-- name: session_by_token
-- One session, over or not.
SELECT * FROM session WHERE token_sha256 = :token_sha256

-- name: session_to_use
-- The same, to write that it was used.
SELECT * FROM session WHERE token_sha256 = :token_sha256

-- name: sessions_of
-- All sessions of a person.
SELECT * FROM session WHERE person = :person

-- name: end_session
-- Nothing is left of a session.
DELETE FROM session WHERE token_sha256 = :token_sha256

-- name: end_sessions_of
-- Nothing is left of a person's sessions.
DELETE FROM session WHERE person = :person

-- name: end_all_sessions
-- Nobody is logged in.
DELETE FROM session

-- name: delete_all_logins
-- No login is under way.
DELETE FROM open_login

-- name: write_open_login
-- Write a login that was begun.
INSERT INTO open_login (handle_sha256, cookie_sha256, request_id, road, kind, memo, began_at, sha256)
VALUES (:handle_sha256, :cookie_sha256, :request_id, :road, :kind, :memo, :began_at, :sha256)

-- name: count_open_logins
-- How many logins are under way.
SELECT count(*) FROM open_login WHERE began_at > :after

-- name: delete_oldest_login
-- It makes room for another.
DELETE FROM open_login WHERE handle_sha256 = (
    SELECT handle_sha256 FROM open_login WHERE began_at > :after ORDER BY began_at LIMIT 1
)

-- name: open_login_by_handle
-- A login that was begun, over or not.
SELECT * FROM open_login WHERE handle_sha256 = :handle_sha256

-- name: delete_open_login
-- It was taken.
DELETE FROM open_login WHERE handle_sha256 = :handle_sha256

-- name: note_assertion
-- Changes nothing where it was noted before.
INSERT INTO assertion (key_sha256, forget_at) VALUES (:key_sha256, :forget_at) ON CONFLICT DO NOTHING
