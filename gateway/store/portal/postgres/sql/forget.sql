-- name: forget_sessions
-- Too old, or not used for too long.
DELETE FROM session WHERE token_sha256 IN (
    SELECT token_sha256 FROM session WHERE began_at <= :began_before OR used_at <= :used_before LIMIT :limit
)

-- name: forget_open_logins
-- They never came back.
DELETE FROM open_login WHERE handle_sha256 IN (
    SELECT handle_sha256 FROM open_login WHERE began_at <= :login_before LIMIT :limit
)

-- name: forget_assertions
-- They would be refused by their time.
DELETE FROM assertion WHERE key_sha256 IN (SELECT key_sha256 FROM assertion WHERE forget_at <= :at LIMIT :limit)

-- name: forget_wrong_codes
-- They count no more.
DELETE FROM wrong_code WHERE id IN (SELECT id FROM wrong_code WHERE at <= :code_before LIMIT :limit)

-- name: forget_ceremonies
-- They were never finished.
DELETE FROM ceremony WHERE id IN (SELECT id FROM ceremony WHERE began_at <= :ceremony_before LIMIT :limit)

-- name: forget_notice
-- Its time is over.
DELETE FROM notice WHERE until <= :at

-- name: forget_broker_metadata
-- Whatever ends no later is over, too.
DELETE FROM broker_metadata WHERE valid_until <= :at

-- name: forget_journal
-- The term of the journal is over.
DELETE FROM journal WHERE number IN (SELECT number FROM journal WHERE at <= :memory_before LIMIT :limit)

-- name: forget_handlings
-- The term of what somebody had in hand is over.
DELETE FROM handling WHERE number IN (SELECT number FROM handling WHERE at <= :memory_before LIMIT :limit)

-- name: forget_links
-- Ended so long ago.
DELETE FROM link WHERE id IN (SELECT id FROM link WHERE until <= :memory_before LIMIT :limit)

-- name: forget_superseded_documents
-- Versions that another has followed for so long.
DELETE FROM document WHERE (kind, organisation, unit, counter) IN (
    SELECT old.kind, old.organisation, old.unit, old.counter FROM document AS old JOIN document AS next
        ON next.kind = old.kind AND next.organisation = old.organisation AND next.unit = old.unit
        AND next.counter = old.counter + 1
    WHERE next.kept_at <= :memory_before AND old.kind <> 'organisation' LIMIT :limit
)

-- name: forget_documents
-- Documents of an organisation of which nobody is known any more.
DELETE FROM document WHERE (kind, organisation, unit, counter) IN (
    SELECT kind, organisation, unit, counter FROM document
    WHERE kept_at <= :memory_before
      AND NOT EXISTS (SELECT 1 FROM person WHERE person.organisation = document.organisation)
    LIMIT :limit
)

-- name: forget_approving
-- Nobody went on with it.
DELETE FROM approving WHERE request IN (SELECT request FROM approving WHERE since <= :undecided_before LIMIT :limit)

-- name: forget_joinings
-- Decided, and with it goes whom it names.
DELETE FROM request WHERE id IN (
    SELECT id FROM request WHERE kind = 'joining' AND decided_at <= :joining_before LIMIT :limit
)

-- name: forget_requests
-- Decided so long ago.
DELETE FROM request WHERE id IN (SELECT id FROM request WHERE decided_at <= :memory_before LIMIT :limit)

-- name: forget_key_sets
-- Ended so long ago.
DELETE FROM key_set WHERE id IN (
    SELECT id FROM key_set
    WHERE ended_at <= :memory_before
      AND NOT EXISTS (SELECT 1 FROM wrapped_copy WHERE wrapped_copy.key_set = key_set.id)
    LIMIT :limit
)

-- name: find_undecided_requests
-- Nobody decided them. Whoever leaves names a day that is to come, and only the day after can it be approved.
SELECT id FROM request
WHERE state = 'submitted' AND asked_at <= :undecided_before AND id NOT IN (SELECT request FROM approving)
  AND CASE kind
      WHEN 'leaving' THEN about::json ->> 'last_day' COLLATE "C"
          < to_char(to_timestamp(:undecided_before::bigint / 1000000) AT TIME ZONE 'UTC', 'YYYY-MM-DD')
      ELSE true
      END
LIMIT :limit

-- name: find_uncounted_locks
-- Enrolments that were never finished.
SELECT id FROM lock WHERE counts_since IS NULL AND made_at <= :uncounted_before LIMIT :limit

-- name: find_dormant
-- Who did not log in for so long.
SELECT id FROM person WHERE logged_in_at <= :dormant_before LIMIT :limit

-- name: own_locks
-- What a person opens by his own means, in all units.
SELECT id FROM lock WHERE person = :person AND kind <> 'sheet'

-- name: delete_links_of
-- A person who is forgotten works nowhere.
DELETE FROM link WHERE person = :person

-- name: delete_administrator
-- A person who is forgotten administers nothing.
DELETE FROM administrator WHERE person = :person

-- name: delete_person
-- A person is forgotten.
DELETE FROM person WHERE id = :person

-- name: find_nobodys_locks
-- Locks of an organisation of which nobody is known any more: what is left are sheets.
SELECT id FROM lock WHERE NOT EXISTS (SELECT 1 FROM person WHERE person.organisation = lock.organisation) LIMIT :limit

-- name: find_nobodys_key_sets
-- Key sets of an organisation of which nobody is known any more.
SELECT * FROM key_set
WHERE ended_at IS NULL AND NOT EXISTS (SELECT 1 FROM person WHERE person.organisation = key_set.organisation)
LIMIT :limit

-- name: forget_mail_addresses
-- Nobody opened their link, or they were removed and have heard what touches security since.
DELETE FROM mail_address WHERE id IN (
    SELECT id FROM mail_address
    WHERE removed_at <= :mail_heard_before OR (counts_since IS NULL AND made_at <= :mail_unconfirmed_before)
    LIMIT :limit
)

-- name: forget_nobodys_mail_addresses
-- Addresses of an organisation of which nobody is known any more.
DELETE FROM mail_address WHERE id IN (
    SELECT id FROM mail_address
    WHERE made_at <= :mail_unconfirmed_before
      AND NOT EXISTS (SELECT 1 FROM person WHERE person.organisation = mail_address.organisation)
    LIMIT :limit
)

-- name: forget_mail_lines
-- Nobody sends them.
DELETE FROM mail_line WHERE number IN (SELECT number FROM mail_line WHERE made_at <= :mail_waits_before LIMIT :limit)

-- name: forget_mail_tokens
-- Letters that are so old.
DELETE FROM mail_token WHERE token_sha256 IN (
    SELECT token_sha256 FROM mail_token
    WHERE made_at <= :mail_link_before OR (use = 'confirm' AND made_at <= :mail_unconfirmed_before) LIMIT :limit
)

-- name: forget_watched_messages
-- Nobody looked at them for so long.
DELETE FROM watched_message WHERE message_id IN (
    SELECT message_id FROM watched_message WHERE look_at <= :watched_before LIMIT :limit
)

-- name: forget_arrivals
-- Nobody looked for so long: whoever does again begins with what comes then.
DELETE FROM arrivals WHERE looked_at <= :watched_before
