-- name: list_messages
-- The message log, newest first, as far as the conditions of a filter let it.
SELECT * FROM message WHERE {conditions} ORDER BY id DESC LIMIT :limit

-- name: list_evidence
-- The receipts given and taken for a message, oldest first.
SELECT message.message_id, evidence.kind, evidence.at, evidence.content_type, evidence.soap_sha256, evidence.octets,
    evidence.sha256
FROM evidence JOIN message ON message.id = evidence.message
WHERE message.message_id = :message_id
ORDER BY evidence.id

-- name: find_question
-- What an answer names by a reference between two parties: the oldest open question, else the newest, else a notification.
SELECT message_id, received_message_id, kind, sender, original_sender, receiver, final_recipient, mpc, service, action,
    conversation_id, tracking_identifier, cross_reference, question, answer_due, accepted_at, expires_at, sealed_to,
    size_octets, sha256, answered_at
FROM message
WHERE id = coalesce(
    (
        SELECT min(id) FROM message INDEXED BY message_open_reference
        WHERE tracking_identifier = :tracking_identifier AND original_sender = :original_sender
          AND final_recipient = :final_recipient AND question = 1 AND answered_at IS NULL
    ),
    (
        SELECT max(id) FROM message
        WHERE tracking_identifier = :tracking_identifier AND original_sender = :original_sender
          AND final_recipient = :final_recipient AND question = 1
    ),
    (
        SELECT min(id) FROM message
        WHERE tracking_identifier = :tracking_identifier AND original_sender = :original_sender
          AND final_recipient = :final_recipient AND question = 0
    )
)

-- name: list_mailboxes
-- How each mailbox stands that ever held a message.
SELECT mailbox.mpc, mailbox.party, mailbox.messages, coalesce(leased.messages, 0),
    (SELECT accepted_at FROM message WHERE id = min(ifnull(stored.oldest, offered.oldest),
                                                    ifnull(offered.oldest, stored.oldest))),
    min(ifnull(stored.next_expires_at, offered.next_expires_at), ifnull(offered.next_expires_at, stored.next_expires_at)),
    mailbox.octets
FROM (
    SELECT mpc, max(party) AS party,
        sum(CASE WHEN state IN ('stored', 'offered') THEN messages ELSE 0 END) AS messages,
        sum(CASE WHEN state IN ('stored', 'offered') THEN octets ELSE 0 END) AS octets
    FROM tally GROUP BY mpc
) AS mailbox
LEFT JOIN (
    SELECT mpc, min(id) AS oldest, min(expires_at) AS next_expires_at FROM message WHERE state = 'stored' GROUP BY mpc
) AS stored ON stored.mpc = mailbox.mpc
LEFT JOIN (
    SELECT mpc, min(id) AS oldest, min(expires_at) AS next_expires_at FROM message WHERE state = 'offered' GROUP BY mpc
) AS offered ON offered.mpc = mailbox.mpc
LEFT JOIN (
    SELECT mpc, count(*) AS messages FROM message WHERE state = 'offered' AND lease_until > :at GROUP BY mpc
) AS leased ON leased.mpc = mailbox.mpc
ORDER BY mailbox.mpc

-- name: list_sealed_to
-- Under which certificates messages wait in whose mailbox, how many, and until when the last of them may.
SELECT sealed_to, receiver, count(*), max(expires_at) FROM message WHERE state IN ('stored', 'offered')
GROUP BY sealed_to, receiver ORDER BY receiver, sealed_to

-- name: list_contacts
-- When each party was last in touch: the last test message in its mailbox, and the last signal of it that counted.
SELECT party.name, test.message_id, test.accepted_at, test.closed_at,
    EXISTS (SELECT 1 FROM evidence WHERE evidence.message = test.id AND evidence.kind = 'receipt-taken'),
    heard.said_at, ping.at
FROM (
    SELECT receiver AS name FROM message WHERE action = 'http://docs.oasis-open.org/ebxml-msg/ebms/v3.0/ns/core/200704/test'
    UNION SELECT party FROM heard WHERE counted = 1
    UNION SELECT party FROM ping
) AS party
LEFT JOIN message AS test ON test.id = (
    SELECT max(id) FROM message AS each
    WHERE each.receiver = party.name
      AND each.action = 'http://docs.oasis-open.org/ebxml-msg/ebms/v3.0/ns/core/200704/test'
)
LEFT JOIN (SELECT party, max(said_at) AS said_at FROM heard WHERE counted = 1 GROUP BY party) AS heard
    ON heard.party = party.name
LEFT JOIN ping ON ping.party = party.name
ORDER BY party.name

-- name: count_states
-- How many messages of each kind are in each state, from the tally.
SELECT state, kind, sum(messages), sum(octets) FROM tally GROUP BY state, kind

-- name: count_others
-- What the tally does not know: open leases, damage, terms that were over long ago, open questions, acceptances.
SELECT
    (SELECT count(*) FROM message WHERE state = 'offered' AND lease_until > :at),
    (SELECT count(*) FROM message WHERE damaged = 1 AND state IN ('stored', 'offered')),
    (SELECT count(*) FROM message WHERE state IN ('stored', 'offered') AND expires_at <= :long_ago),
    (SELECT count(*) FROM message WHERE question = 1 AND answered_at IS NULL AND waived_at IS NULL),
    (SELECT count(*) FROM acceptance)
