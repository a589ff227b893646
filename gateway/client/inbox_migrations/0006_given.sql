-- What a system fetched and did not confirm comes again, after what it never got: so nothing that it cannot process
-- keeps another message from it.
ALTER TABLE message ADD COLUMN given_at INTEGER;  -- when it was fetched last

CREATE INDEX message_to_give ON message (given_at, number) WHERE state = 'received';
