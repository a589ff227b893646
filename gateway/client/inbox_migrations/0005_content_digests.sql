-- What tells a message that comes again from another one under its id decides, so it stands under a digest that was made
-- before its commit, too. What lay here before gets it as it lies there.
ALTER TABLE message ADD COLUMN content_seal BLOB;

UPDATE message SET content_seal = digest(sender, message_id, content_digest);
