-- An answer is held against its question, which is found by its reference.
CREATE INDEX message_tracking ON message (tracking_identifier);
