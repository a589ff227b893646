-- The MessageIds of signals that counted: a PullRequest or Error counts once, whatever becomes of this process. `counted`
-- is 0 for a message that was only noted, because its time and that of the hub were too far apart to let it count.
CREATE TABLE heard (
    party       TEXT NOT NULL,                -- who signed it
    message_id  TEXT NOT NULL,
    said_at     INTEGER NOT NULL,             -- its eb:Timestamp
    at          INTEGER NOT NULL,             -- when it counted, or was noted first
    counted     INTEGER NOT NULL CHECK (counted IN (0, 1)),
    mpc         TEXT,                         -- of a PullRequest, as everything below
    holder      TEXT,
    message     INTEGER REFERENCES message (id),  -- what it was answered with; NULL: nothing waited
    lease_token TEXT,
    PRIMARY KEY (party, message_id),
    CHECK ((message IS NULL) = (lease_token IS NULL))
) STRICT, WITHOUT ROWID;

INSERT INTO heard (party, message_id, said_at, at, counted, mpc, holder, message, lease_token)
SELECT party, pull_message_id, at, at, 1, mpc, holder, message, lease_token FROM pull;

DROP TABLE pull;

CREATE INDEX heard_at ON heard (at);
CREATE INDEX heard_said ON heard (party, said_at) WHERE counted = 1;
