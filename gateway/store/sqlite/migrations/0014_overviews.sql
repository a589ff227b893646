-- How many days a message was prolonged by its owner's request, all together; and what a unit sees of what waits for it
-- and of what it sent, page by page, however much there is.
ALTER TABLE message ADD COLUMN prolonged_days INTEGER NOT NULL DEFAULT 0;

CREATE INDEX message_waiting_for ON message (receiver, expires_at, id) WHERE state IN ('stored', 'offered');
CREATE INDEX message_sent ON message (sender, id) WHERE kind = 'message';
