-- When a party last had a message to the test service taken: such a message is thrown away, and leaves nothing else.
CREATE TABLE ping (
    party   TEXT PRIMARY KEY,
    at      INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
