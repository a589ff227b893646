-- References are the senders' own, and nothing keeps a sender from using one a hundred thousand times: whoever looks for
-- the question behind an answer, or for the questions that a message answers or makes unnecessary, goes to it directly.
DROP INDEX message_tracking;
CREATE INDEX message_reference ON message (tracking_identifier, original_sender, final_recipient, question);
CREATE INDEX message_open_reference ON message (tracking_identifier, original_sender, final_recipient)
    WHERE question = 1 AND answered_at IS NULL;
CREATE INDEX message_open_conversation ON message (conversation_id, original_sender, final_recipient)
    WHERE question = 1 AND answered_at IS NULL AND waived_at IS NULL;
