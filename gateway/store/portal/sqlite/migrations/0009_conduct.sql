-- Who ever logged in for administration, so that an organisation with one administrator is asked for a second.
CREATE TABLE administrator (
    person       TEXT PRIMARY KEY REFERENCES person (id),
    organisation TEXT NOT NULL,
    since        INTEGER NOT NULL,
    sha256       BLOB NOT NULL
) STRICT, WITHOUT ROWID;

CREATE INDEX administrator_organisation ON administrator (organisation, since);

-- Who had what of a unit in hand: a type of message, and nothing by which one is known.
CREATE TABLE handling (
    number       INTEGER PRIMARY KEY AUTOINCREMENT,
    at           INTEGER NOT NULL,
    organisation TEXT NOT NULL,
    unit         TEXT NOT NULL,
    person       TEXT NOT NULL,
    deed         TEXT NOT NULL CHECK (deed IN ('opened', 'answered', 'sent', 'downloaded')),
    service      TEXT NOT NULL,
    action       TEXT NOT NULL,
    messages     INTEGER NOT NULL CHECK (messages > 0),
    sha256       BLOB NOT NULL
) STRICT;

CREATE INDEX handling_unit ON handling (unit, number);
CREATE INDEX handling_at ON handling (at);
