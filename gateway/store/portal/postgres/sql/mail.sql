-- name: write_mail_address
-- Write a notification address.
INSERT INTO mail_address (id, organisation, unit, address, kinds, made_by, made_at, counts_since, removed_at, told_at,
    bounced_at, bounce, sha256)
VALUES (:id, :organisation, :unit, :address, :kinds, :made_by, :made_at, :counts_since, :removed_at, :told_at,
    :bounced_at, :bounce, :sha256)
ON CONFLICT (id) DO UPDATE SET
    organisation = excluded.organisation, unit = excluded.unit, address = excluded.address, kinds = excluded.kinds,
    made_by = excluded.made_by, made_at = excluded.made_at, counts_since = excluded.counts_since,
    removed_at = excluded.removed_at, told_at = excluded.told_at, bounced_at = excluded.bounced_at,
    bounce = excluded.bounce, sha256 = excluded.sha256

-- name: mail_addresses
-- All addresses of an organisation, those that were removed of late with them.
SELECT * FROM mail_address WHERE organisation = :organisation ORDER BY unit, made_at, id

-- name: mail_address_by_id
-- One address.
SELECT * FROM mail_address WHERE id = :id

-- name: units_told
-- The units of which messages are told to an address now.
SELECT DISTINCT unit, organisation FROM mail_address WHERE removed_at IS NULL AND counts_since IS NOT NULL AND unit <> ''

-- name: write_mail_line
-- Write a line of the outbox.
INSERT INTO mail_line (number, organisation, unit, address, sort, event, times, until, about, made_at, due_at, attempts,
    letter, leased_until, failure, sha256)
VALUES (coalesce(:number::bigint, nextval('mail_line_number')), :organisation, :unit, :address, :sort, :event, :times, :until, :about, :made_at, :due_at, :attempts,
    :letter, :leased_until, :failure, :sha256)
ON CONFLICT (number) DO UPDATE SET
    times = excluded.times, until = excluded.until, made_at = excluded.made_at, due_at = excluded.due_at,
    attempts = excluded.attempts, letter = excluded.letter, leased_until = excluded.leased_until, failure = excluded.failure,
    sha256 = excluded.sha256

-- name: mail_line_alike
-- What waits already and says the same of the same, and no server had.
SELECT * FROM mail_line
WHERE organisation = :organisation AND address = :address AND sort = :sort AND unit = :unit AND event = :event
  AND about = :about AND letter IS NULL

-- name: mail_line_due
-- What is due and nobody is sending.
SELECT * FROM mail_line WHERE due_at <= :at AND (leased_until IS NULL OR leased_until <= :at)
ORDER BY due_at, number LIMIT 1

-- name: mail_lines_untried
-- What goes into one letter with it.
SELECT * FROM mail_line
WHERE organisation = :organisation AND address = :address AND sort = :sort AND letter IS NULL
ORDER BY number

-- name: mail_lines_of_letter
-- What a letter says.
SELECT * FROM mail_line WHERE letter = :letter ORDER BY number

-- name: delete_letter
-- It was sent, or never will be.
DELETE FROM mail_line WHERE letter = :letter

-- name: delete_lines_about
-- Nobody wants to hear it there any more.
DELETE FROM mail_line
WHERE organisation = :organisation AND address = :address AND unit = :unit AND event = :event
  AND (leased_until IS NULL OR leased_until <= :at)

-- name: delete_lines_to_confirm
-- Nobody is to confirm it any more.
DELETE FROM mail_line WHERE sort = 'confirmation' AND about = :about AND (leased_until IS NULL OR leased_until <= :at)

-- name: count_mail
-- How much waits to be sent, and how much of it failed before.
SELECT count(DISTINCT organisation || ' ' || address || ' ' || sort || ' ' || coalesce(letter, '')), min(made_at), min(due_at),
    count(DISTINCT CASE WHEN failure IS NOT NULL
        THEN organisation || ' ' || address || ' ' || sort || ' ' || coalesce(letter, '') END)
FROM mail_line

-- name: mail_failed_last
-- The line that failed last.
SELECT * FROM mail_line WHERE failure IS NOT NULL ORDER BY due_at DESC, number DESC LIMIT 1

-- name: write_mail_token
-- Remember what the link of a letter opens.
INSERT INTO mail_token (token_sha256, use, organisation, address, about, made_at, sha256)
VALUES (:token_sha256, :use, :organisation, :address, :about, :made_at, :sha256)

-- name: mail_token
-- What a link opens.
SELECT * FROM mail_token WHERE token_sha256 = :token_sha256 AND made_at > :after

-- name: write_watched_message
-- Write a message that is looked at again.
INSERT INTO watched_message (message_id, unit, organisation, look_at, reminded, sha256)
VALUES (:message_id, :unit, :organisation, :look_at, :reminded, :sha256)
ON CONFLICT (message_id) DO UPDATE SET
    look_at = excluded.look_at, reminded = excluded.reminded, sha256 = excluded.sha256

-- name: watched_message
-- One of them.
SELECT * FROM watched_message WHERE message_id = :message_id

-- name: watched_messages_due
-- Those to be looked at now.
SELECT * FROM watched_message WHERE look_at <= :at ORDER BY look_at, message_id LIMIT :limit

-- name: delete_watched_message
-- Nothing more is told of it.
DELETE FROM watched_message WHERE message_id = :message_id

-- name: write_arrivals
-- Write how far the messages of the hub were looked at.
INSERT INTO arrivals (only_one, seen, looked_at, sha256) VALUES (:only_one, :seen, :looked_at, :sha256)
ON CONFLICT (only_one) DO UPDATE SET
    seen = excluded.seen, looked_at = excluded.looked_at, sha256 = excluded.sha256

-- name: arrivals
-- How far the messages of the hub were looked at.
SELECT * FROM arrivals
