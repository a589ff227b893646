-- Evidence stands under a digest and is kept compressed (gateway/store/packing.py); it goes with its message when the
-- term of the message log is over.
ALTER TABLE evidence ADD COLUMN sha256 BLOB;
UPDATE evidence SET
    sha256 = (
        SELECT digest(
            message.message_id, evidence.kind, evidence.at, evidence.content_type, evidence.soap_sha256, evidence.octets
        ) FROM message WHERE message.id = evidence.message
    ),
    octets = packed(octets);

CREATE INDEX evidence_message ON evidence (message);
CREATE INDEX heard_message ON heard (message);
CREATE INDEX message_removed ON message (removed_at) WHERE state = 'removed';

CREATE TRIGGER message_uncounted AFTER DELETE ON message
BEGIN
    UPDATE tally SET messages = messages - 1, octets = octets - OLD.size_octets
    WHERE mpc = OLD.mpc AND kind = OLD.kind AND state = OLD.state;
    DELETE FROM tally WHERE mpc = OLD.mpc AND kind = OLD.kind AND state = OLD.state AND messages = 0;
END;
