-- What an acceptance leaves behind for 90 days, so that the same message again is known for what it is, whatever it is
-- wrapped in: see gateway/ebms/said.py and docs/decisions/0017.

-- The certificates that stood behind what was accepted, each once.
CREATE TABLE certificate (
    sha256 BLOB PRIMARY KEY,
    der    BLOB NOT NULL
) STRICT, WITHOUT ROWID;

-- Under which name, certificate and suite a party had something accepted: a certificate that has left its P-Mode since
-- still tells whose repetition a message is. The hub keeps these in memory, too.
CREATE TABLE signer (
    id               INTEGER PRIMARY KEY,
    sender           TEXT NOT NULL,            -- party id of the organisation
    from_party       TEXT NOT NULL,            -- the PartyIds of eb:From, JSON
    certificate      BLOB NOT NULL REFERENCES certificate (sha256),
    suite            TEXT NOT NULL,
    key_reference    TEXT NOT NULL,            -- how the hub's receipts name its certificate
    last_accepted_at INTEGER NOT NULL,
    UNIQUE (sender, from_party, certificate, suite)
) STRICT;

-- A receipt given for a message that came again, signed anew, stands beside the first. Each is about one SOAP part.
CREATE TABLE evidence_of (
    id           INTEGER PRIMARY KEY,
    message      INTEGER NOT NULL REFERENCES message (id),
    kind         TEXT NOT NULL CHECK (kind IN ('receipt-given', 'receipt-given-again', 'receipt-taken', 'receipt-late')),
    at           INTEGER NOT NULL,
    content_type TEXT,
    soap_sha256  BLOB,                         -- of the SOAP part that a given receipt is about
    octets       BLOB NOT NULL
) STRICT;

INSERT INTO evidence_of (id, message, kind, at, content_type, octets)
SELECT id, message, kind, at, content_type, octets FROM evidence;

CREATE TABLE acceptance (
    key         BLOB PRIMARY KEY,              -- HMAC-SHA-256 over sender and MessageId
    message     INTEGER NOT NULL REFERENCES message (id),
    signer      INTEGER REFERENCES signer (id),
    soap_sha256 BLOB,
    said        BLOB NOT NULL,                 -- form number and SHA-256 of all that the message says
    said_apart  BLOB,                          -- the same without the digests of the parts
    own_digests BLOB,                          -- SHA-256 of each part, where a sender digested otherwise
    accepted_at INTEGER NOT NULL,
    forget_at   INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

INSERT INTO acceptance (key, message, said, accepted_at, forget_at)
SELECT seen.key, evidence.message, CAST(x'00' || seen.content_digest AS BLOB), evidence.at, seen.forget_at
FROM seen JOIN evidence ON evidence.id = seen.evidence;

DROP TABLE seen;
DROP TABLE evidence;
ALTER TABLE evidence_of RENAME TO evidence;

CREATE UNIQUE INDEX evidence_once ON evidence (message, kind) WHERE kind <> 'receipt-given-again';
CREATE UNIQUE INDEX evidence_given ON evidence (message, soap_sha256) WHERE soap_sha256 IS NOT NULL;
CREATE INDEX acceptance_forget ON acceptance (forget_at);
CREATE INDEX acceptance_message ON acceptance (message);
CREATE INDEX acceptance_signer ON acceptance (signer);
