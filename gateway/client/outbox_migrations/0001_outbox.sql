-- Times are microseconds since 1970 in UTC. What is sent lies here whole, signed and encrypted to the hub, so that every
-- attempt sends the same octets, also after a restart. Nothing in it can be opened by this participant.

CREATE TABLE message (
    number              INTEGER PRIMARY KEY AUTOINCREMENT,
    message_id          TEXT NOT NULL UNIQUE,
    state               TEXT NOT NULL DEFAULT 'waiting'
                        CHECK (state IN ('waiting', 'acknowledged', 'refused', 'given up')),
    service             TEXT NOT NULL,
    action              TEXT NOT NULL,
    tracking_identifier TEXT NOT NULL,
    final_recipient     TEXT NOT NULL,
    signed_references   TEXT NOT NULL,   -- JSON: what a receipt has to repeat, [uri, digest method, digest in hex] each
    content_type        TEXT NOT NULL,
    head                BLOB NOT NULL,   -- up to the parts, the signed envelope in it
    parts               BLOB,            -- small ones; else
    file                TEXT UNIQUE,     -- the file in the folder parts; both NULL once the message is final
    parts_octets        INTEGER NOT NULL,
    tail                BLOB NOT NULL,
    created_at          INTEGER NOT NULL,
    attempts            INTEGER NOT NULL DEFAULT 0,
    closed_at           INTEGER,
    receipt             BLOB,            -- the hub's envelope with its signature
    errors              TEXT NOT NULL DEFAULT '[]',  -- JSON: what was answered or noted last
    CHECK (parts IS NULL OR file IS NULL),
    CHECK ((state = 'waiting') = (closed_at IS NULL)),
    CHECK ((state = 'acknowledged') = (receipt IS NOT NULL))
) STRICT;

CREATE INDEX message_waiting ON message (number) WHERE state = 'waiting';
