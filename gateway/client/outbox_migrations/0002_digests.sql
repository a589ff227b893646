-- What is sent stands under a digest that was made before its commit: what a disk changed must not reach the hub, whose
-- refusal of it would be taken for one of the message. What waited before there were digests gets them as it lies there.
ALTER TABLE message ADD COLUMN parts_sha256 BLOB;  -- of the parts, wherever they lie
ALTER TABLE message ADD COLUMN digest BLOB;        -- over what is sent and what its receipt has to repeat

UPDATE message SET parts_sha256 = sha256_of(parts, file) WHERE state = 'waiting';
UPDATE message
SET digest = digest(message_id, signed_references, content_type, head, parts_octets, parts_sha256, tail)
WHERE state = 'waiting';
