-- A question whose answer another message made unnecessary: it awaits none, whichever of the two came first.
ALTER TABLE message ADD COLUMN waived_at INTEGER;

DROP INDEX message_open_question;
CREATE INDEX message_open_question ON message (id) WHERE question = 1 AND answered_at IS NULL AND waived_at IS NULL;
