-- Times are microseconds since 1970 in UTC, sizes are octets. A message row stands for as long as its metadata is kept;
-- envelope and parts are sealed to the receiver and go when the message is final. Every stored octet that leaves or
-- decides stands under a digest (gateway/store/digest.py). What is not text for people is compared octet by octet.

CREATE TABLE message (
    id                  bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,  -- about the order of acceptance
    message_id          text COLLATE "C" NOT NULL UNIQUE,
    received_message_id text COLLATE "C" NOT NULL,
    kind                text NOT NULL CHECK (kind IN ('message', 'notice')),
    sender              text COLLATE "C" NOT NULL,
    original_sender     text COLLATE "C" NOT NULL,
    receiver            text COLLATE "C" NOT NULL,
    final_recipient     text COLLATE "C" NOT NULL,
    mpc                 text COLLATE "C" NOT NULL,
    service             text COLLATE "C" NOT NULL,
    action              text COLLATE "C" NOT NULL,
    conversation_id     text COLLATE "C" NOT NULL,
    tracking_identifier text COLLATE "C" NOT NULL,
    cross_reference     text COLLATE "C",
    question            bigint NOT NULL CHECK (question IN (0, 1)),
    answer_due          bigint,
    accepted_at         bigint NOT NULL,
    expires_at          bigint NOT NULL,
    sealed_to           text COLLATE "C" NOT NULL,
    size_octets         bigint NOT NULL,
    sha256              bytea NOT NULL,       -- over all above; a prolonged message gets a new one
    state               text NOT NULL DEFAULT 'stored'
                        CHECK (state IN ('stored', 'offered', 'receipted', 'expired', 'removed')),
    attempts            bigint NOT NULL DEFAULT 0,
    errors              bigint NOT NULL DEFAULT 0,
    last_error          text,
    unreadable          bigint NOT NULL DEFAULT 0,
    lease_token         text,
    lease_holder        text,
    lease_until         bigint,
    offerable_at        bigint,               -- end of the lease, or of the pause after an error
    offered_at          bigint,
    desk_holder         text COLLATE "C",     -- the person of a desk lease; a pull's has none
    desk_list           text,                 -- the list that it was opened with
    prolonged_days      bigint NOT NULL DEFAULT 0,
    closed_at           bigint,
    removed_at          bigint,
    answered_at         bigint,
    waived_at           bigint,
    damaged             bigint NOT NULL DEFAULT 0 CHECK (damaged IN (0, 1)),
    CHECK ((state = 'offered') = (lease_token IS NOT NULL)),
    CHECK ((lease_token IS NULL) = (lease_until IS NULL) AND (lease_token IS NULL) = (offerable_at IS NULL)),
    CHECK ((state IN ('stored', 'offered')) = (closed_at IS NULL)),
    CHECK ((state = 'removed') = (removed_at IS NOT NULL)),
    CHECK (damaged = 0 OR attempts > 0)       -- damage is found when a message is offered
);

CREATE INDEX message_received ON message (received_message_id);
CREATE INDEX message_reference ON message (tracking_identifier, original_sender, final_recipient, question);
CREATE INDEX message_open_reference ON message (tracking_identifier, original_sender, final_recipient)
    WHERE question = 1 AND answered_at IS NULL;
CREATE INDEX message_conversation ON message (conversation_id, original_sender, final_recipient, service, action, kind);
CREATE INDEX message_open_conversation ON message (conversation_id, original_sender, final_recipient)
    WHERE question = 1 AND answered_at IS NULL AND waived_at IS NULL;
CREATE INDEX message_stored ON message (mpc, id, expires_at) WHERE state = 'stored';
CREATE INDEX message_offerable ON message (mpc, offerable_at, expires_at) WHERE state = 'offered' AND damaged = 0;
CREATE INDEX message_leased ON message (mpc, lease_until, offerable_at, expires_at)
    WHERE state = 'offered' AND desk_holder IS NULL;
CREATE INDEX message_at_desk ON message (mpc, lease_until) WHERE state = 'offered' AND desk_holder IS NOT NULL;
CREATE INDEX message_held ON message (desk_holder, lease_until) WHERE state = 'offered' AND desk_holder IS NOT NULL;
CREATE INDEX message_due ON message (expires_at, id) WHERE state IN ('stored', 'offered');
CREATE INDEX message_final ON message (id) WHERE state IN ('receipted', 'expired');
CREATE INDEX message_removed ON message (removed_at) WHERE state = 'removed';
CREATE INDEX message_open_question ON message (id) WHERE question = 1 AND answered_at IS NULL AND waived_at IS NULL;
CREATE INDEX message_damaged ON message (id) WHERE damaged = 1;
CREATE INDEX message_waiting_for ON message (receiver, expires_at, id) WHERE state IN ('stored', 'offered');
CREATE INDEX message_sent ON message (sender, id) WHERE kind = 'message';
CREATE INDEX message_test ON message (receiver, id)
    WHERE action = 'http://docs.oasis-open.org/ebxml-msg/ebms/v3.0/ns/core/200704/test';

-- The states of gateway/store/states.py, enforced where every program has to pass.
CREATE FUNCTION message_begins_stored() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION 'a message begins as stored';
END $$;

CREATE TRIGGER message_begins_stored BEFORE INSERT ON message FOR EACH ROW WHEN (NEW.state <> 'stored')
EXECUTE FUNCTION message_begins_stored();

CREATE FUNCTION message_transition() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION 'no such transition';
END $$;

CREATE TRIGGER message_transition BEFORE UPDATE OF state ON message FOR EACH ROW
WHEN (OLD.state <> NEW.state AND NOT (
    (OLD.state = 'stored' AND NEW.state IN ('offered', 'receipted', 'expired'))
    OR (OLD.state = 'offered' AND NEW.state IN ('receipted', 'expired'))
    OR (OLD.state IN ('receipted', 'expired') AND NEW.state = 'removed')
))
EXECUTE FUNCTION message_transition();

-- What leaves on a pull: envelope head, parts, tail. Without the head, which holds the wrapped key, nobody opens the
-- parts. It is ciphertext: there is nothing to compress.
CREATE TABLE envelope (
    message      bigint PRIMARY KEY REFERENCES message (id),
    content_type text NOT NULL,
    head         bytea NOT NULL,
    tail         bytea NOT NULL,
    sha256       bytea NOT NULL              -- over all that leaves on a pull; of the parts, over their digest
);

CREATE TABLE parts (
    message     bigint PRIMARY KEY REFERENCES message (id),
    size_octets bigint NOT NULL,
    sha256      bytea NOT NULL,
    octets      bytea                        -- NULL: they are many, and lie in pieces
);
ALTER TABLE parts ALTER COLUMN octets SET STORAGE EXTERNAL;

CREATE TABLE piece (
    message bigint NOT NULL REFERENCES message (id),
    number  bigint NOT NULL,
    octets  bytea NOT NULL,
    PRIMARY KEY (message, number)
);
ALTER TABLE piece ALTER COLUMN octets SET STORAGE EXTERNAL;

CREATE FUNCTION ciphertext_kept() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF (SELECT state FROM message WHERE id = OLD.message) IN ('stored', 'offered') THEN
        RAISE EXCEPTION 'the message still waits';
    END IF;
    RETURN OLD;
END $$;

CREATE TRIGGER envelope_kept BEFORE DELETE ON envelope FOR EACH ROW EXECUTE FUNCTION ciphertext_kept();
CREATE TRIGGER parts_kept BEFORE DELETE ON parts FOR EACH ROW EXECUTE FUNCTION ciphertext_kept();

-- What a receipt must repeat; kept as long as the message row, for receipts that come late.
CREATE TABLE promised (
    message         bigint PRIMARY KEY REFERENCES message (id),
    part_references text NOT NULL,           -- JSON
    sha256          bytea NOT NULL
);

-- The certificates that stood behind what was accepted, each once.
CREATE TABLE certificate (
    sha256 bytea PRIMARY KEY,
    der    bytea NOT NULL
);

-- Under which name, certificate and suite a party had something accepted.
CREATE TABLE signer (
    id               bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    sender           text COLLATE "C" NOT NULL,
    from_party       text COLLATE "C" NOT NULL,  -- the PartyIds of eb:From, JSON
    certificate      bytea NOT NULL REFERENCES certificate (sha256),
    suite            text NOT NULL,
    key_reference    text NOT NULL,
    last_accepted_at bigint NOT NULL,
    sha256           bytea NOT NULL,
    UNIQUE (sender, from_party, certificate, suite)
);
CREATE INDEX signer_certificate ON signer (certificate);

-- Receipts given and taken, kept compressed (gateway/store/packing.py); each given one is about one SOAP part.
CREATE TABLE evidence (
    id           bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    message      bigint NOT NULL REFERENCES message (id),
    kind         text NOT NULL CHECK (kind IN ('receipt-given', 'receipt-given-again', 'receipt-taken', 'receipt-late')),
    at           bigint NOT NULL,
    content_type text,
    soap_sha256  bytea,
    octets       bytea NOT NULL,
    sha256       bytea NOT NULL
);
CREATE UNIQUE INDEX evidence_once ON evidence (message, kind) WHERE kind <> 'receipt-given-again';
CREATE UNIQUE INDEX evidence_given ON evidence (message, soap_sha256) WHERE soap_sha256 IS NOT NULL;
CREATE INDEX evidence_message ON evidence (message);

-- What an acceptance leaves behind for 90 days: see gateway/ebms/said.py.
CREATE TABLE acceptance (
    key         bytea PRIMARY KEY,           -- HMAC-SHA-256 over sender and MessageId
    message     bigint NOT NULL REFERENCES message (id),
    signer      bigint REFERENCES signer (id),
    soap_sha256 bytea,
    said        bytea NOT NULL,
    said_apart  bytea,
    own_digests bytea,
    accepted_at bigint NOT NULL,
    forget_at   bigint NOT NULL,
    sha256      bytea NOT NULL
);
CREATE INDEX acceptance_forget ON acceptance (forget_at);
CREATE INDEX acceptance_message ON acceptance (message);
CREATE INDEX acceptance_signer ON acceptance (signer);

-- The MessageIds of signals that counted, and of messages that were noted because they might not count yet.
CREATE TABLE heard (
    party       text COLLATE "C" NOT NULL,   -- who signed it
    message_id  text COLLATE "C" NOT NULL,
    said_at     bigint NOT NULL,             -- its eb:Timestamp
    at          bigint NOT NULL,             -- when it counted, or was noted first
    counted     bigint NOT NULL CHECK (counted IN (0, 1)),
    mpc         text,                        -- of a PullRequest, as everything below
    holder      text,
    message     bigint REFERENCES message (id),  -- what it was answered with; NULL: nothing waited
    lease_token text,
    PRIMARY KEY (party, message_id),
    CHECK ((message IS NULL) = (lease_token IS NULL))
);
CREATE INDEX heard_at ON heard (at);
CREATE INDEX heard_said ON heard (party, said_at) WHERE counted = 1;
CREATE INDEX heard_message ON heard (message);

-- When a party last had a message to the test service taken.
CREATE TABLE ping (
    party text COLLATE "C" PRIMARY KEY,
    at    bigint NOT NULL
);

-- How many messages of a mailbox are in which state, so that a quota costs nothing to check: as sums over shards, so
-- that transactions of one mailbox do not wait for each other. A shard by itself may be below nothing.
CREATE TABLE tally (
    mpc      text COLLATE "C" NOT NULL,
    kind     text NOT NULL,
    state    text NOT NULL,
    shard    integer NOT NULL,
    party    text COLLATE "C" NOT NULL,
    messages bigint NOT NULL,
    octets   bigint NOT NULL,
    PRIMARY KEY (mpc, kind, state, shard)
) WITH (fillfactor = 50);

CREATE FUNCTION tally_moved(of_message message, of_state text, by bigint) RETURNS void LANGUAGE sql AS $$
    INSERT INTO tally (mpc, kind, state, shard, party, messages, octets)
    VALUES (
        of_message.mpc, of_message.kind, of_state, pg_backend_pid() % 64, of_message.receiver, by,
        by * of_message.size_octets
    )
    ON CONFLICT (mpc, kind, state, shard)
    DO UPDATE SET messages = tally.messages + excluded.messages, octets = tally.octets + excluded.octets
$$;

CREATE FUNCTION message_counted() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF TG_OP <> 'INSERT' THEN
        PERFORM tally_moved(OLD, OLD.state, -1);
    END IF;
    IF TG_OP <> 'DELETE' THEN
        PERFORM tally_moved(NEW, NEW.state, 1);
    END IF;
    RETURN NULL;
END $$;

CREATE TRIGGER message_counted AFTER INSERT OR DELETE ON message FOR EACH ROW EXECUTE FUNCTION message_counted();
CREATE TRIGGER message_recounted AFTER UPDATE OF state ON message FOR EACH ROW WHEN (OLD.state <> NEW.state)
EXECUTE FUNCTION message_counted();

-- The order in which messages became visible: a row's own number is drawn before its commit, and one with a lower number
-- may commit after it. Whoever asks for arrivals numbers those that have none yet, one asker at a time.
CREATE TABLE unnumbered (
    message bigint PRIMARY KEY REFERENCES message (id) ON DELETE CASCADE
);

CREATE TABLE arrival (
    number  bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    message bigint NOT NULL UNIQUE REFERENCES message (id) ON DELETE CASCADE
);

CREATE FUNCTION message_arrived() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    INSERT INTO unnumbered (message) VALUES (NEW.id);
    RETURN NULL;
END $$;

CREATE TRIGGER message_arrived AFTER INSERT ON message FOR EACH ROW EXECUTE FUNCTION message_arrived();

-- Which store this is, as how many confirmed restorations made it, and whose key its duplicates stand under.
CREATE TABLE store (
    only_one          bigint PRIMARY KEY CHECK (only_one = 1),
    id                text NOT NULL,
    generation        bigint NOT NULL,
    keyed_by          bytea                  -- a fingerprint of the key
);

INSERT INTO store (only_one, id, generation) VALUES (1, replace(gen_random_uuid()::text, '-', ''), 1);
