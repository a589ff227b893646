-- Who confirmed a message without an answer has its line among who had what in hand. A CHECK is not altered in place.
CREATE TABLE handling_after (
    number       INTEGER PRIMARY KEY AUTOINCREMENT,
    at           INTEGER NOT NULL,
    organisation TEXT NOT NULL,
    unit         TEXT NOT NULL,
    person       TEXT NOT NULL,
    deed         TEXT NOT NULL CHECK (deed IN ('opened', 'answered', 'sent', 'downloaded', 'confirmed')),
    service      TEXT NOT NULL,
    action       TEXT NOT NULL,
    messages     INTEGER NOT NULL CHECK (messages > 0),
    sha256       BLOB NOT NULL
) STRICT;

INSERT INTO handling_after SELECT * FROM handling;
DROP TABLE handling;
ALTER TABLE handling_after RENAME TO handling;

CREATE INDEX handling_unit ON handling (unit, number);
CREATE INDEX handling_at ON handling (at);
