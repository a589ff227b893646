-- Times are microseconds since 1970 in UTC, sizes are octets. A message row stands for as long as its metadata is kept;
-- envelope and parts are sealed to the receiver and go when the message is final.

CREATE TABLE message (
    id                  INTEGER PRIMARY KEY,  -- the order of acceptance
    message_id          TEXT NOT NULL UNIQUE,
    received_message_id TEXT NOT NULL,
    kind                TEXT NOT NULL CHECK (kind IN ('message', 'notice')),
    sender              TEXT NOT NULL,
    original_sender     TEXT NOT NULL,
    receiver            TEXT NOT NULL,
    final_recipient     TEXT NOT NULL,
    mpc                 TEXT NOT NULL,
    service             TEXT NOT NULL,
    action              TEXT NOT NULL,
    conversation_id     TEXT NOT NULL,
    tracking_identifier TEXT NOT NULL,
    cross_reference     TEXT,
    question            INTEGER NOT NULL CHECK (question IN (0, 1)),
    answer_due          INTEGER,
    accepted_at         INTEGER NOT NULL,
    expires_at          INTEGER NOT NULL,
    sealed_to           TEXT NOT NULL,
    size_octets         INTEGER NOT NULL,
    state               TEXT NOT NULL DEFAULT 'stored'
                        CHECK (state IN ('stored', 'offered', 'receipted', 'expired', 'removed')),
    attempts            INTEGER NOT NULL DEFAULT 0,
    errors              INTEGER NOT NULL DEFAULT 0,
    last_error          TEXT,
    lease_token         TEXT,
    lease_holder        TEXT,
    lease_until         INTEGER,
    offerable_at        INTEGER,              -- end of the lease, or of the pause after an error
    offered_at          INTEGER,
    closed_at           INTEGER,
    removed_at          INTEGER,
    answered_at         INTEGER,
    damaged             INTEGER NOT NULL DEFAULT 0 CHECK (damaged IN (0, 1)),
    CHECK ((state = 'offered') = (lease_token IS NOT NULL)),
    CHECK ((lease_token IS NULL) = (lease_until IS NULL) AND (lease_token IS NULL) = (offerable_at IS NULL)),
    CHECK ((state IN ('stored', 'offered')) = (closed_at IS NULL)),
    CHECK ((state = 'removed') = (removed_at IS NOT NULL)),
    CHECK (damaged = 0 OR attempts > 0)       -- damage is found when a message is offered
) STRICT;

CREATE INDEX message_received ON message (received_message_id);
CREATE INDEX message_tracking ON message (tracking_identifier);
CREATE INDEX message_conversation ON message (conversation_id);
CREATE INDEX message_stored ON message (mpc, id, expires_at) WHERE state = 'stored';
CREATE INDEX message_offered ON message (mpc, offerable_at, id, expires_at, lease_until, damaged)
    WHERE state = 'offered';
CREATE INDEX message_due ON message (expires_at) WHERE state IN ('stored', 'offered');
CREATE INDEX message_final ON message (id) WHERE state IN ('receipted', 'expired');
CREATE INDEX message_open_question ON message (id) WHERE question = 1 AND answered_at IS NULL;
CREATE INDEX message_damaged ON message (id) WHERE damaged = 1;

-- The states of gateway/store/states.py, enforced where every program has to pass.
CREATE TRIGGER message_begins_stored BEFORE INSERT ON message WHEN NEW.state <> 'stored'
BEGIN
    SELECT RAISE(ABORT, 'a message begins as stored');
END;

CREATE TRIGGER message_transition BEFORE UPDATE OF state ON message
WHEN OLD.state <> NEW.state AND NOT (
    (OLD.state = 'stored' AND NEW.state IN ('offered', 'receipted', 'expired'))
    OR (OLD.state = 'offered' AND NEW.state IN ('receipted', 'expired'))
    OR (OLD.state IN ('receipted', 'expired') AND NEW.state = 'removed')
)
BEGIN
    SELECT RAISE(ABORT, 'no such transition');
END;

-- What leaves on a pull: envelope head, parts, tail. Without the head, which holds the wrapped key, nobody opens the parts.
-- `secure_delete` zeroes the pages that a row leaves, but not the copies that stay in the gaps of a table's own pages when
-- SQLite moves its rows about. A padding of one page size before the content keeps all of it on overflow pages, which are
-- never moved.
CREATE TABLE envelope (
    message      INTEGER PRIMARY KEY REFERENCES message (id),
    padding      BLOB NOT NULL DEFAULT (zeroblob(4096)),
    content_type TEXT NOT NULL,
    head         BLOB NOT NULL,
    tail         BLOB NOT NULL
) STRICT;

CREATE TABLE parts (
    message     INTEGER PRIMARY KEY REFERENCES message (id),
    blob        TEXT UNIQUE,
    size_octets INTEGER NOT NULL,
    sha256      BLOB NOT NULL,
    padding     BLOB,                         -- as above, for octets in the row
    octets      BLOB,
    CHECK ((octets IS NULL) <> (blob IS NULL))
) STRICT;

CREATE TRIGGER envelope_kept BEFORE DELETE ON envelope
WHEN (SELECT state FROM message WHERE id = OLD.message) IN ('stored', 'offered')
BEGIN
    SELECT RAISE(ABORT, 'the message still waits');
END;

CREATE TRIGGER parts_kept BEFORE DELETE ON parts
WHEN (SELECT state FROM message WHERE id = OLD.message) IN ('stored', 'offered')
BEGIN
    SELECT RAISE(ABORT, 'the message still waits');
END;

-- What a receipt must repeat; kept as long as the message row, for receipts that come late.
CREATE TABLE promised (
    message         INTEGER PRIMARY KEY REFERENCES message (id),
    part_references TEXT NOT NULL             -- JSON
) STRICT;

CREATE TABLE evidence (
    id           INTEGER PRIMARY KEY,
    message      INTEGER NOT NULL REFERENCES message (id),
    kind         TEXT NOT NULL CHECK (kind IN ('receipt-given', 'receipt-taken', 'receipt-late')),
    at           INTEGER NOT NULL,
    content_type TEXT,
    octets       BLOB NOT NULL,
    UNIQUE (message, kind)
) STRICT;

CREATE TABLE seen (
    key            BLOB PRIMARY KEY,
    content_digest BLOB NOT NULL,
    evidence       INTEGER NOT NULL REFERENCES evidence (id),  -- the receipt that was given
    forget_at      INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

CREATE INDEX seen_forget ON seen (forget_at);

-- The PullRequests that were answered with a message.
CREATE TABLE pull (
    party           TEXT NOT NULL,
    pull_message_id TEXT NOT NULL,
    mpc             TEXT NOT NULL,
    holder          TEXT NOT NULL,
    at              INTEGER NOT NULL,
    message         INTEGER NOT NULL REFERENCES message (id),
    lease_token     TEXT NOT NULL,
    PRIMARY KEY (party, pull_message_id)
) STRICT, WITHOUT ROWID;

CREATE INDEX pull_at ON pull (at);

-- How many messages of a mailbox are in which state, so that a quota costs nothing to check.
CREATE TABLE tally (
    mpc      TEXT NOT NULL,
    kind     TEXT NOT NULL,
    state    TEXT NOT NULL,
    party    TEXT NOT NULL,
    messages INTEGER NOT NULL CHECK (messages >= 0),
    octets   INTEGER NOT NULL,
    PRIMARY KEY (mpc, kind, state)
) STRICT, WITHOUT ROWID;

CREATE TRIGGER message_counted AFTER INSERT ON message
BEGIN
    INSERT INTO tally (mpc, kind, state, party, messages, octets)
    VALUES (NEW.mpc, NEW.kind, NEW.state, NEW.receiver, 1, NEW.size_octets)
    ON CONFLICT (mpc, kind, state) DO UPDATE SET messages = messages + 1, octets = octets + excluded.octets;
END;

CREATE TRIGGER message_recounted AFTER UPDATE OF state ON message WHEN OLD.state <> NEW.state
BEGIN
    UPDATE tally SET messages = messages - 1, octets = octets - OLD.size_octets
    WHERE mpc = OLD.mpc AND kind = OLD.kind AND state = OLD.state;
    INSERT INTO tally (mpc, kind, state, party, messages, octets)
    VALUES (NEW.mpc, NEW.kind, NEW.state, NEW.receiver, 1, NEW.size_octets)
    ON CONFLICT (mpc, kind, state) DO UPDATE SET messages = messages + 1, octets = octets + excluded.octets;
END;
