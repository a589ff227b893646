-- Times are microseconds since 1970 in UTC, sizes are octets. A row stands for as long as a second arrival of its message
-- has to be recognised; its parts go when the participant's system has processed it.

CREATE TABLE message (
    number              INTEGER PRIMARY KEY AUTOINCREMENT,  -- the order of arrival
    sender              TEXT NOT NULL,                      -- party id of the hub, which signed the message
    message_id          TEXT NOT NULL,
    state               TEXT NOT NULL DEFAULT 'received' CHECK (state IN ('received', 'processed')),
    service             TEXT NOT NULL,
    action              TEXT NOT NULL,
    conversation_id     TEXT NOT NULL,
    tracking_identifier TEXT,
    cross_reference     TEXT,
    original_sender     TEXT,
    final_recipient     TEXT,
    sent_at             INTEGER NOT NULL,                   -- eb:Timestamp
    received_at         INTEGER NOT NULL,
    processed_at        INTEGER,
    origin              TEXT NOT NULL CHECK (origin IN ('verified', 'unverified', 'absent')),
    origin_thumbprint   TEXT,                               -- SHA-256 of the certificate in the proof of origin
    origin_document     BLOB,                               -- the proof itself, as evidence
    content_digest      BLOB NOT NULL,                      -- what another message under the same id is told by
    receipt             BLOB NOT NULL,
    receipt_state       TEXT NOT NULL DEFAULT 'due' CHECK (receipt_state IN ('due', 'sent', 'refused')),
    receipt_error       TEXT,
    UNIQUE (sender, message_id),
    CHECK ((state = 'processed') = (processed_at IS NOT NULL))
) STRICT;

CREATE INDEX message_unprocessed ON message (number) WHERE state = 'received';
CREATE INDEX message_receipt_due ON message (number) WHERE receipt_state = 'due';

CREATE TABLE part (
    message       INTEGER NOT NULL REFERENCES message (number) ON DELETE CASCADE,
    position      INTEGER NOT NULL,
    content_id    TEXT NOT NULL,
    mime_type     TEXT NOT NULL,
    character_set TEXT,
    octets        INTEGER NOT NULL,
    sha256        BLOB NOT NULL,
    body          BLOB,                                     -- of a small part
    file          TEXT UNIQUE,                              -- of a large one, in the folder parts
    PRIMARY KEY (message, position),
    CHECK ((body IS NULL) <> (file IS NULL))
) STRICT;
