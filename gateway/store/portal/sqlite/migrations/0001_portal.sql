-- Times are microseconds since 1970 in UTC; an organisation is KVK:… or RSIN:…; a unit is its party id. Rows that decide
-- something or leave stand under a digest over all of their columns (gateway/store/portal/verbs/records.py).

CREATE TABLE person (
    id           TEXT PRIMARY KEY,
    key_sha256   BLOB NOT NULL UNIQUE,         -- of issuer, organisation and pseudonym, of which the last is kept nowhere
    organisation TEXT NOT NULL,
    name         TEXT,
    made_at      INTEGER NOT NULL,
    logged_in_at INTEGER NOT NULL,
    sha256       BLOB NOT NULL
) STRICT, WITHOUT ROWID;

CREATE INDEX person_organisation ON person (organisation, made_at);
CREATE INDEX person_logged_in ON person (logged_in_at);

CREATE TABLE link (
    id           TEXT PRIMARY KEY,
    person       TEXT NOT NULL REFERENCES person (id),
    organisation TEXT NOT NULL,
    unit         TEXT NOT NULL,
    since        INTEGER NOT NULL,
    until        INTEGER,
    linked_by    TEXT NOT NULL,
    ended_by     TEXT,
    sha256       BLOB NOT NULL,
    CHECK ((until IS NULL) = (ended_by IS NULL))
) STRICT, WITHOUT ROWID;

CREATE UNIQUE INDEX link_now ON link (person, unit) WHERE until IS NULL;
CREATE INDEX link_person ON link (person);
CREATE INDEX link_organisation ON link (organisation);
CREATE INDEX link_ended ON link (until) WHERE until IS NOT NULL;

-- Pairing codes that fitted nobody.
CREATE TABLE wrong_code (
    id           INTEGER PRIMARY KEY,
    organisation TEXT NOT NULL,
    at           INTEGER NOT NULL
) STRICT;

CREATE INDEX wrong_code_organisation ON wrong_code (organisation, at);
CREATE INDEX wrong_code_at ON wrong_code (at);

CREATE TABLE session (
    token_sha256   BLOB PRIMARY KEY,
    person         TEXT NOT NULL REFERENCES person (id),
    kind           TEXT NOT NULL CHECK (kind IN ('user', 'administrator')),
    branch         TEXT,
    pairing_sha256 BLOB,                       -- of the code on its screen, with the organisation
    began_at       INTEGER NOT NULL,
    used_at        INTEGER NOT NULL,
    sha256         BLOB NOT NULL
) STRICT, WITHOUT ROWID;

CREATE INDEX session_person ON session (person);
CREATE INDEX session_pairing ON session (pairing_sha256) WHERE pairing_sha256 IS NOT NULL;
CREATE INDEX session_began ON session (began_at);
CREATE INDEX session_used ON session (used_at);

CREATE TABLE open_login (
    handle_sha256 BLOB PRIMARY KEY,
    cookie_sha256 BLOB NOT NULL,
    request_id    TEXT NOT NULL,
    road          TEXT NOT NULL,
    kind          TEXT NOT NULL CHECK (kind IN ('user', 'administrator')),
    memo          TEXT NOT NULL,
    began_at      INTEGER NOT NULL,
    sha256        BLOB NOT NULL
) STRICT, WITHOUT ROWID;

CREATE INDEX open_login_began ON open_login (began_at);

CREATE TABLE assertion (
    key_sha256 BLOB PRIMARY KEY,               -- of issuer and id
    forget_at  INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

CREATE INDEX assertion_forget ON assertion (forget_at);

CREATE TABLE lock (
    id                 TEXT PRIMARY KEY,
    organisation       TEXT NOT NULL,
    unit               TEXT NOT NULL,
    person             TEXT NOT NULL,          -- may be forgotten before a sheet of his
    kind               TEXT NOT NULL CHECK (kind IN ('passkey', 'sheet', 'device')),
    name               TEXT NOT NULL,
    public_key         BLOB NOT NULL,
    sealed_key         BLOB NOT NULL,
    credential_id      BLOB,
    is_backup_eligible INTEGER NOT NULL CHECK (is_backup_eligible IN (0, 1)),
    challenge          BLOB NOT NULL,
    made_at            INTEGER NOT NULL,
    counts_since       INTEGER,
    used_at            INTEGER,
    sha256             BLOB NOT NULL
) STRICT;

CREATE INDEX lock_unit ON lock (unit, made_at);
CREATE INDEX lock_person ON lock (person);
CREATE INDEX lock_organisation ON lock (organisation);
CREATE INDEX lock_uncounted ON lock (made_at) WHERE counts_since IS NULL;

CREATE TABLE key_set (
    id                     TEXT PRIMARY KEY,
    organisation           TEXT NOT NULL,
    unit                   TEXT NOT NULL,
    made_by                TEXT NOT NULL,
    signing_certificate    BLOB NOT NULL,
    decryption_certificate BLOB NOT NULL,
    organisation_key       BLOB NOT NULL,
    state                  TEXT NOT NULL CHECK (state IN ('proposed', 'active', 'retired', 'ended')),
    made_at                INTEGER NOT NULL,
    active_since           INTEGER,
    retired_at             INTEGER,
    ended_at               INTEGER,
    sha256                 BLOB NOT NULL,
    CHECK ((state = 'ended') = (ended_at IS NOT NULL)),
    CHECK (state NOT IN ('active', 'retired') OR active_since IS NOT NULL)
) STRICT;

CREATE INDEX key_set_unit ON key_set (unit, made_at);
CREATE INDEX key_set_organisation ON key_set (organisation);
CREATE UNIQUE INDEX key_set_proposed ON key_set (unit) WHERE state = 'proposed';
CREATE UNIQUE INDEX key_set_active ON key_set (unit) WHERE state = 'active';
CREATE INDEX key_set_ended ON key_set (ended_at) WHERE ended_at IS NOT NULL;

-- `padding` keeps all of the octets on overflow pages, which SQLite never moves about: see envelope in the hub's store.
CREATE TABLE wrapped_copy (
    key_set    TEXT NOT NULL REFERENCES key_set (id),
    lock       TEXT NOT NULL REFERENCES lock (id),
    padding    BLOB NOT NULL DEFAULT (zeroblob(4096)),
    octets     BLOB NOT NULL,
    wrapped_by TEXT NOT NULL,
    wrapped_at INTEGER NOT NULL,
    sha256     BLOB NOT NULL,
    UNIQUE (key_set, lock)
) STRICT;

CREATE INDEX wrapped_copy_lock ON wrapped_copy (lock);

CREATE TABLE ceremony (
    id           TEXT PRIMARY KEY,
    organisation TEXT NOT NULL,
    unit         TEXT NOT NULL,
    newcomer     TEXT NOT NULL,
    approver     TEXT,
    said         TEXT NOT NULL,                -- JSON, each octets as base64
    began_at     INTEGER NOT NULL,
    sha256       BLOB NOT NULL
) STRICT;

CREATE INDEX ceremony_unit ON ceremony (unit, began_at);
CREATE INDEX ceremony_began ON ceremony (began_at);

CREATE TABLE document (
    kind            TEXT NOT NULL CHECK (kind IN ('settings', 'roster')),
    organisation    TEXT NOT NULL,
    unit            TEXT NOT NULL,
    counter         INTEGER NOT NULL,
    previous_sha256 BLOB NOT NULL,
    octets          BLOB NOT NULL,
    signature       BLOB NOT NULL,
    kept_by         TEXT NOT NULL,
    kept_at         INTEGER NOT NULL,
    sha256          BLOB NOT NULL,
    UNIQUE (kind, organisation, unit, counter)
) STRICT;

CREATE INDEX document_kept ON document (kept_at);
CREATE INDEX document_organisation ON document (organisation);

CREATE TABLE request (
    id           TEXT PRIMARY KEY,
    kind         TEXT NOT NULL,
    organisation TEXT NOT NULL,
    unit         TEXT NOT NULL,
    asked_by     TEXT NOT NULL,
    about        TEXT NOT NULL,
    asked_at     INTEGER NOT NULL,
    state        TEXT NOT NULL CHECK (state IN ('submitted', 'approved', 'refused', 'withdrawn')),
    decided_at   INTEGER,
    decided_by   TEXT,
    reason       TEXT,
    sha256       BLOB NOT NULL,
    CHECK ((state = 'submitted') = (decided_at IS NULL))
) STRICT, WITHOUT ROWID;

CREATE INDEX request_organisation ON request (organisation, asked_at);
CREATE INDEX request_asked ON request (asked_at);
CREATE INDEX request_about ON request (about);
CREATE INDEX request_decided ON request (decided_at) WHERE decided_at IS NOT NULL;

CREATE TABLE notice (
    only_one INTEGER PRIMARY KEY CHECK (only_one = 1),
    text     TEXT NOT NULL,
    until    INTEGER NOT NULL,
    sha256   BLOB NOT NULL
) STRICT;

CREATE TABLE journal (
    number       INTEGER PRIMARY KEY AUTOINCREMENT,
    at           INTEGER NOT NULL,
    organisation TEXT NOT NULL,
    unit         TEXT NOT NULL,
    by           TEXT NOT NULL,
    event        TEXT NOT NULL,
    about        TEXT NOT NULL,
    sha256       BLOB NOT NULL
) STRICT;

CREATE INDEX journal_organisation ON journal (organisation, number);
CREATE INDEX journal_at ON journal (at);
