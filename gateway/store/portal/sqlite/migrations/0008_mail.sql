-- Addresses that are told of things, what waits to be sent to them, and what the links in letters open.
CREATE TABLE mail_address (
    id           TEXT PRIMARY KEY,
    organisation TEXT NOT NULL,
    unit         TEXT NOT NULL,                -- empty: of the organisation
    address      TEXT NOT NULL,
    kinds        TEXT NOT NULL,                -- words, with spaces between
    made_by      TEXT NOT NULL,
    made_at      INTEGER NOT NULL,
    counts_since INTEGER,
    removed_at   INTEGER,
    told_at      INTEGER,
    bounced_at   INTEGER,
    bounce       TEXT,
    sha256       BLOB NOT NULL
) STRICT;

CREATE INDEX mail_address_organisation ON mail_address (organisation, address);
CREATE UNIQUE INDEX mail_address_once ON mail_address (organisation, unit, address) WHERE removed_at IS NULL;
CREATE INDEX mail_address_unit ON mail_address (unit) WHERE removed_at IS NULL;
CREATE INDEX mail_address_removed ON mail_address (removed_at) WHERE removed_at IS NOT NULL;
CREATE INDEX mail_address_unconfirmed ON mail_address (made_at) WHERE counts_since IS NULL;

CREATE TABLE mail_line (
    number       INTEGER PRIMARY KEY AUTOINCREMENT,
    organisation TEXT NOT NULL,
    unit         TEXT NOT NULL,
    address      TEXT NOT NULL,
    sort         TEXT NOT NULL CHECK (sort IN ('messages', 'changes', 'confirmation')),
    event        TEXT NOT NULL,
    times        INTEGER NOT NULL,
    until        INTEGER,
    about        TEXT NOT NULL,
    made_at      INTEGER NOT NULL,
    due_at       INTEGER NOT NULL,
    attempts     INTEGER NOT NULL,
    letter       TEXT,
    leased_until INTEGER,
    failure      TEXT,
    sha256       BLOB NOT NULL
) STRICT;

CREATE INDEX mail_line_due ON mail_line (due_at, number);
CREATE INDEX mail_line_address ON mail_line (organisation, address, sort);
CREATE INDEX mail_line_letter ON mail_line (letter) WHERE letter IS NOT NULL;
CREATE INDEX mail_line_made ON mail_line (made_at);

CREATE TABLE mail_token (
    token_sha256 BLOB PRIMARY KEY,
    use          TEXT NOT NULL CHECK (use IN ('confirm', 'unsubscribe')),
    organisation TEXT NOT NULL,
    address      TEXT NOT NULL,
    about        TEXT NOT NULL,
    made_at      INTEGER NOT NULL,
    sha256       BLOB NOT NULL
) STRICT, WITHOUT ROWID;

CREATE INDEX mail_token_made ON mail_token (made_at);
CREATE INDEX mail_token_address ON mail_token (organisation, address);

-- Messages of which a reminder, or the end of their term, may have to be told; and how far the hub's were looked at.
CREATE TABLE watched_message (
    message_id   TEXT PRIMARY KEY,
    unit         TEXT NOT NULL,
    organisation TEXT NOT NULL,
    look_at      INTEGER NOT NULL,
    reminded     INTEGER NOT NULL CHECK (reminded IN (0, 1)),
    sha256       BLOB NOT NULL
) STRICT, WITHOUT ROWID;

CREATE INDEX watched_message_look ON watched_message (look_at);

CREATE TABLE arrivals (
    only_one  INTEGER PRIMARY KEY CHECK (only_one = 1),
    seen      INTEGER NOT NULL,                -- the last message of the hub that was looked at, by its number
    looked_at INTEGER NOT NULL,
    sha256    BLOB NOT NULL
) STRICT;
