-- A proof of origin is taken once per (From, MessageId) of the proof, whatever the hub wraps it in.
ALTER TABLE message ADD COLUMN origin_party TEXT;
ALTER TABLE message ADD COLUMN origin_message_id TEXT;
CREATE UNIQUE INDEX message_origin ON message (origin_party, origin_message_id) WHERE origin_message_id IS NOT NULL;

-- What was not taken lies in the mailbox still and comes again: so an answer without a message does not mean an empty one.
CREATE TABLE not_taken (
    sender     TEXT NOT NULL,
    message_id TEXT NOT NULL,
    code       TEXT NOT NULL,
    noted_at   INTEGER NOT NULL,
    PRIMARY KEY (sender, message_id)
) STRICT, WITHOUT ROWID;
