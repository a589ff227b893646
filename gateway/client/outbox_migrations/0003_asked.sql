-- What a caller of the web service asked for under a reference of its own: the same again is the same message, and other
-- content under that reference is refused. What was pushed otherwise has none of this.
ALTER TABLE message ADD COLUMN asked_sha256 BLOB;  -- over type, document and attachments

CREATE UNIQUE INDEX message_asked ON message (tracking_identifier) WHERE asked_sha256 IS NOT NULL;
