-- An organisation's next key is a document, too, signed by the one before; the engine changes a condition only with its
-- table.
CREATE TABLE next_document (
    kind            TEXT NOT NULL CHECK (kind IN ('settings', 'roster', 'known', 'organisation')),
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

INSERT INTO next_document SELECT * FROM document;
DROP TABLE document;
ALTER TABLE next_document RENAME TO document;

CREATE INDEX document_kept ON document (kept_at);
CREATE INDEX document_organisation ON document (organisation);
