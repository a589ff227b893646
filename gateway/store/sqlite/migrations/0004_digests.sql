-- Every stored octet that leaves the hub or decides something stands under a digest made before its commit and held
-- against it when it is read. `digest` is gateway/store/digest.py.

ALTER TABLE message ADD COLUMN sha256 BLOB;       -- over what is known of the message and never changes, and its deadline
UPDATE message SET sha256 = digest(
    message_id, received_message_id, kind, sender, original_sender, receiver, final_recipient, mpc, service, action,
    conversation_id, tracking_identifier, cross_reference, question, answer_due, accepted_at, expires_at, sealed_to,
    size_octets
);

ALTER TABLE envelope ADD COLUMN sha256 BLOB;      -- over all that leaves on a pull; of the parts, over their digest
UPDATE envelope SET sha256 = (
    SELECT digest(message.message_id, envelope.content_type, envelope.head, envelope.tail, parts.size_octets, parts.sha256)
    FROM message JOIN parts ON parts.message = message.id
    WHERE message.id = envelope.message
);

ALTER TABLE promised ADD COLUMN sha256 BLOB;
UPDATE promised SET sha256 = (
    SELECT digest(message.message_id, promised.part_references) FROM message WHERE message.id = promised.message
);

-- How often the parts could not be read for a reason that proves nothing against them; each time they wait longer.
ALTER TABLE message ADD COLUMN unreadable INTEGER NOT NULL DEFAULT 0;
