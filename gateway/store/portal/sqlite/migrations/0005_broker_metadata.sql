-- Until when the metadata of a broker counted that were relied on last, so that no earlier ones come back with a start.
CREATE TABLE broker_metadata (
    broker      TEXT PRIMARY KEY,
    valid_until INTEGER NOT NULL,
    relied_at   INTEGER NOT NULL,
    sha256      BLOB NOT NULL
) STRICT, WITHOUT ROWID;
