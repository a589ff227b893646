-- What decides whether a message came before, and whose it is, stands under a digest too. A certificate stands under its
-- key already.
ALTER TABLE signer ADD COLUMN sha256 BLOB;
UPDATE signer SET sha256 = digest(sender, from_party, certificate, suite, key_reference);

ALTER TABLE acceptance ADD COLUMN sha256 BLOB;
UPDATE acceptance SET sha256 = digest(
    key, message, signer, soap_sha256, said, said_apart, own_digests, accepted_at, forget_at
);

CREATE INDEX signer_certificate ON signer (certificate);
