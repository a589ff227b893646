-- Requests whose yes was given by the operator and is being carried out: nobody else decides them any more.
CREATE TABLE approving (
    request TEXT PRIMARY KEY,
    since   INTEGER NOT NULL,
    sha256  BLOB NOT NULL
) STRICT, WITHOUT ROWID;
