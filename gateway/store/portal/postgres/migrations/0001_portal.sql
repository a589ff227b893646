-- Times are microseconds since 1970 in UTC; an organisation is KVK:… or RSIN:…; a unit is its party id. Rows that decide
-- something or leave stand under a digest over all of their columns (gateway/store/portal/verbs/records.py). Texts are
-- sorted by their octets, whatever the language of the database.

CREATE TABLE person (
    id           text COLLATE "C" PRIMARY KEY,
    key_sha256   bytea NOT NULL UNIQUE,  -- of issuer, organisation and pseudonym, of which the last is kept nowhere
    organisation text COLLATE "C" NOT NULL,
    name         text COLLATE "C",
    made_at      bigint NOT NULL,
    logged_in_at bigint NOT NULL,
    sha256       bytea NOT NULL
);

CREATE INDEX person_organisation ON person (organisation, made_at);
CREATE INDEX person_logged_in ON person (logged_in_at);

CREATE TABLE link (
    id           text COLLATE "C" PRIMARY KEY,
    person       text COLLATE "C" NOT NULL REFERENCES person (id),
    organisation text COLLATE "C" NOT NULL,
    unit         text COLLATE "C" NOT NULL,
    since        bigint NOT NULL,
    until        bigint,
    linked_by    text COLLATE "C" NOT NULL,
    ended_by     text COLLATE "C",
    sha256       bytea NOT NULL,
    CHECK ((until IS NULL) = (ended_by IS NULL))
);

CREATE UNIQUE INDEX link_now ON link (person, unit) WHERE until IS NULL;
CREATE INDEX link_person ON link (person);
CREATE INDEX link_organisation ON link (organisation);
CREATE INDEX link_ended ON link (until) WHERE until IS NOT NULL;

-- Pairing codes that fitted nobody.
CREATE TABLE wrong_code (
    id           bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    organisation text COLLATE "C" NOT NULL,
    at           bigint NOT NULL
);

CREATE INDEX wrong_code_organisation ON wrong_code (organisation, at);
CREATE INDEX wrong_code_at ON wrong_code (at);

CREATE TABLE session (
    token_sha256   bytea PRIMARY KEY,
    person         text COLLATE "C" NOT NULL REFERENCES person (id),
    kind           text COLLATE "C" NOT NULL CHECK (kind IN ('user', 'administrator')),
    branch         text COLLATE "C",
    pairing_sha256 bytea,  -- of the code on its screen, with the organisation
    began_at       bigint NOT NULL,
    used_at        bigint NOT NULL,
    sha256         bytea NOT NULL
);

CREATE INDEX session_person ON session (person);
CREATE INDEX session_pairing ON session (pairing_sha256) WHERE pairing_sha256 IS NOT NULL;
CREATE INDEX session_began ON session (began_at);
CREATE INDEX session_used ON session (used_at);

CREATE TABLE open_login (
    handle_sha256 bytea PRIMARY KEY,
    cookie_sha256 bytea NOT NULL,
    request_id    text COLLATE "C" NOT NULL,
    road          text COLLATE "C" NOT NULL,
    kind          text COLLATE "C" NOT NULL CHECK (kind IN ('user', 'administrator')),
    memo          text COLLATE "C" NOT NULL,
    began_at      bigint NOT NULL,
    sha256        bytea NOT NULL
);

CREATE INDEX open_login_began ON open_login (began_at);

CREATE TABLE assertion (
    key_sha256 bytea PRIMARY KEY,  -- of issuer and id
    forget_at  bigint NOT NULL
);

CREATE INDEX assertion_forget ON assertion (forget_at);

CREATE TABLE lock (
    id                 text COLLATE "C" PRIMARY KEY,
    organisation       text COLLATE "C" NOT NULL,
    unit               text COLLATE "C" NOT NULL,
    person             text COLLATE "C" NOT NULL,  -- may be forgotten before a sheet of his
    kind               text COLLATE "C" NOT NULL CHECK (kind IN ('passkey', 'sheet', 'device')),
    name               text COLLATE "C" NOT NULL,
    public_key         bytea NOT NULL,
    sealed_key         bytea NOT NULL,
    credential_id      bytea,
    is_backup_eligible bigint NOT NULL CHECK (is_backup_eligible IN (0, 1)),
    challenge          bytea NOT NULL,
    made_at            bigint NOT NULL,
    counts_since       bigint,
    used_at            bigint,
    sha256             bytea NOT NULL
);

CREATE INDEX lock_unit ON lock (unit, made_at);
CREATE INDEX lock_person ON lock (person);
CREATE INDEX lock_organisation ON lock (organisation);
CREATE INDEX lock_uncounted ON lock (made_at) WHERE counts_since IS NULL;

CREATE TABLE key_set (
    id                     text COLLATE "C" PRIMARY KEY,
    organisation           text COLLATE "C" NOT NULL,
    unit                   text COLLATE "C" NOT NULL,
    made_by                text COLLATE "C" NOT NULL,
    signing_certificate    bytea NOT NULL,
    decryption_certificate bytea NOT NULL,
    organisation_key       bytea NOT NULL,
    state                  text COLLATE "C" NOT NULL CHECK (state IN ('proposed', 'active', 'retired', 'ended')),
    made_at                bigint NOT NULL,
    active_since           bigint,
    retired_at             bigint,
    ended_at               bigint,
    sha256                 bytea NOT NULL,
    CHECK ((state = 'ended') = (ended_at IS NOT NULL)),
    CHECK (state NOT IN ('active', 'retired') OR active_since IS NOT NULL)
);

CREATE INDEX key_set_unit ON key_set (unit, made_at);
CREATE INDEX key_set_organisation ON key_set (organisation);
CREATE UNIQUE INDEX key_set_proposed ON key_set (unit) WHERE state = 'proposed';
CREATE UNIQUE INDEX key_set_active ON key_set (unit) WHERE state = 'active';
CREATE INDEX key_set_ended ON key_set (ended_at) WHERE ended_at IS NOT NULL;

CREATE TABLE wrapped_copy (
    key_set    text COLLATE "C" NOT NULL REFERENCES key_set (id),
    lock       text COLLATE "C" NOT NULL REFERENCES lock (id),
    octets     bytea NOT NULL,
    wrapped_by text COLLATE "C" NOT NULL,
    wrapped_at bigint NOT NULL,
    sha256     bytea NOT NULL,
    UNIQUE (key_set, lock)
);

CREATE INDEX wrapped_copy_lock ON wrapped_copy (lock);

CREATE TABLE ceremony (
    id           text COLLATE "C" PRIMARY KEY,
    organisation text COLLATE "C" NOT NULL,
    unit         text COLLATE "C" NOT NULL,
    newcomer     text COLLATE "C" NOT NULL,
    approver     text COLLATE "C",
    said         text COLLATE "C" NOT NULL,  -- JSON, each octets as base64
    began_at     bigint NOT NULL,
    sha256       bytea NOT NULL
);

CREATE INDEX ceremony_unit ON ceremony (unit, began_at);
CREATE INDEX ceremony_began ON ceremony (began_at);

CREATE TABLE document (
    kind            text COLLATE "C" NOT NULL CHECK (kind IN ('settings', 'roster', 'known', 'organisation')),
    organisation    text COLLATE "C" NOT NULL,
    unit            text COLLATE "C" NOT NULL,
    counter         bigint NOT NULL,
    previous_sha256 bytea NOT NULL,
    octets          bytea NOT NULL,
    signature       bytea NOT NULL,
    kept_by         text COLLATE "C" NOT NULL,
    kept_at         bigint NOT NULL,
    sha256          bytea NOT NULL,
    UNIQUE (kind, organisation, unit, counter)
);

CREATE INDEX document_kept ON document (kept_at);
CREATE INDEX document_organisation ON document (organisation);

CREATE TABLE request (
    id           text COLLATE "C" PRIMARY KEY,
    kind         text COLLATE "C" NOT NULL,
    organisation text COLLATE "C" NOT NULL,
    unit         text COLLATE "C" NOT NULL,
    asked_by     text COLLATE "C" NOT NULL,
    about        text COLLATE "C" NOT NULL,
    asked_at     bigint NOT NULL,
    state        text COLLATE "C" NOT NULL CHECK (state IN ('submitted', 'approved', 'refused', 'withdrawn')),
    decided_at   bigint,
    decided_by   text COLLATE "C",
    reason       text COLLATE "C",
    sha256       bytea NOT NULL,
    CHECK ((state = 'submitted') = (decided_at IS NULL))
);

CREATE INDEX request_organisation ON request (organisation, asked_at);
CREATE INDEX request_asked ON request (asked_at);
CREATE INDEX request_about ON request (about);
CREATE INDEX request_decided ON request (decided_at) WHERE decided_at IS NOT NULL;

CREATE TABLE notice (
    only_one bigint PRIMARY KEY CHECK (only_one = 1),
    text     text COLLATE "C" NOT NULL,
    until    bigint NOT NULL,
    sha256   bytea NOT NULL
);

CREATE TABLE journal (
    number       bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    at           bigint NOT NULL,
    organisation text COLLATE "C" NOT NULL,
    unit         text COLLATE "C" NOT NULL,
    by           text COLLATE "C" NOT NULL,
    event        text COLLATE "C" NOT NULL,
    about        text COLLATE "C" NOT NULL,
    sha256       bytea NOT NULL
);

CREATE INDEX journal_organisation ON journal (organisation, number);
CREATE INDEX journal_at ON journal (at);

-- Requests whose yes was given by the operator and is being carried out: nobody else decides them any more.
CREATE TABLE approving (
    request text COLLATE "C" PRIMARY KEY,
    since   bigint NOT NULL,
    sha256  bytea NOT NULL
);

-- Until when the metadata of a broker counted that were relied on last, so that no earlier ones come back with a start.
CREATE TABLE broker_metadata (
    broker      text COLLATE "C" PRIMARY KEY,
    valid_until bigint NOT NULL,
    relied_at   bigint NOT NULL,
    sha256      bytea NOT NULL
);

-- Sets in whose place another came are looked for each minute, among all that were ever in force.
CREATE INDEX key_set_retired ON key_set (retired_at, id) WHERE state = 'retired';

-- Addresses that are told of things, what waits to be sent to them, and what the links in letters open.
CREATE TABLE mail_address (
    id           text COLLATE "C" PRIMARY KEY,
    organisation text COLLATE "C" NOT NULL,
    unit         text COLLATE "C" NOT NULL,  -- empty: of the organisation
    address      text COLLATE "C" NOT NULL,
    kinds        text COLLATE "C" NOT NULL,  -- words, with spaces between
    made_by      text COLLATE "C" NOT NULL,
    made_at      bigint NOT NULL,
    counts_since bigint,
    removed_at   bigint,
    told_at      bigint,
    bounced_at   bigint,
    bounce       text COLLATE "C",
    sha256       bytea NOT NULL
);

CREATE INDEX mail_address_organisation ON mail_address (organisation, address);
CREATE UNIQUE INDEX mail_address_once ON mail_address (organisation, unit, address) WHERE removed_at IS NULL;
CREATE INDEX mail_address_unit ON mail_address (unit) WHERE removed_at IS NULL;
CREATE INDEX mail_address_removed ON mail_address (removed_at) WHERE removed_at IS NOT NULL;
CREATE INDEX mail_address_unconfirmed ON mail_address (made_at) WHERE counts_since IS NULL;

CREATE SEQUENCE mail_line_number;

CREATE TABLE mail_line (
    number       bigint PRIMARY KEY,
    organisation text COLLATE "C" NOT NULL,
    unit         text COLLATE "C" NOT NULL,
    address      text COLLATE "C" NOT NULL,
    sort         text COLLATE "C" NOT NULL CHECK (sort IN ('messages', 'changes', 'confirmation')),
    event        text COLLATE "C" NOT NULL,
    times        bigint NOT NULL,
    until        bigint,
    about        text COLLATE "C" NOT NULL,
    made_at      bigint NOT NULL,
    due_at       bigint NOT NULL,
    attempts     bigint NOT NULL,
    letter       text COLLATE "C",
    leased_until bigint,
    failure      text COLLATE "C",
    sha256       bytea NOT NULL
);

CREATE INDEX mail_line_due ON mail_line (due_at, number);
CREATE INDEX mail_line_address ON mail_line (organisation, address, sort);
CREATE INDEX mail_line_letter ON mail_line (letter) WHERE letter IS NOT NULL;
CREATE INDEX mail_line_made ON mail_line (made_at);

CREATE TABLE mail_token (
    token_sha256 bytea PRIMARY KEY,
    use          text COLLATE "C" NOT NULL CHECK (use IN ('confirm', 'unsubscribe')),
    organisation text COLLATE "C" NOT NULL,
    address      text COLLATE "C" NOT NULL,
    about        text COLLATE "C" NOT NULL,
    made_at      bigint NOT NULL,
    sha256       bytea NOT NULL
);

CREATE INDEX mail_token_made ON mail_token (made_at);
CREATE INDEX mail_token_address ON mail_token (organisation, address);

-- Messages of which a reminder, or the end of their term, may have to be told; and how far the hub's were looked at.
CREATE TABLE watched_message (
    message_id   text COLLATE "C" PRIMARY KEY,
    unit         text COLLATE "C" NOT NULL,
    organisation text COLLATE "C" NOT NULL,
    look_at      bigint NOT NULL,
    reminded     bigint NOT NULL CHECK (reminded IN (0, 1)),
    sha256       bytea NOT NULL
);

CREATE INDEX watched_message_look ON watched_message (look_at);

CREATE TABLE arrivals (
    only_one  bigint PRIMARY KEY CHECK (only_one = 1),
    seen      bigint NOT NULL,  -- the last message of the hub that was looked at, by its number
    looked_at bigint NOT NULL,
    sha256    bytea NOT NULL
);

-- Who ever logged in for administration, so that an organisation with one administrator is asked for a second.
CREATE TABLE administrator (
    person       text COLLATE "C" PRIMARY KEY REFERENCES person (id),
    organisation text COLLATE "C" NOT NULL,
    since        bigint NOT NULL,
    sha256       bytea NOT NULL
);

CREATE INDEX administrator_organisation ON administrator (organisation, since);

-- Who had what of a unit in hand: a type of message, and nothing by which one is known.
CREATE TABLE handling (
    number       bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    at           bigint NOT NULL,
    organisation text COLLATE "C" NOT NULL,
    unit         text COLLATE "C" NOT NULL,
    person       text COLLATE "C" NOT NULL,
    deed         text COLLATE "C" NOT NULL CHECK (deed IN ('opened', 'answered', 'sent', 'downloaded')),
    service      text COLLATE "C" NOT NULL,
    action       text COLLATE "C" NOT NULL,
    messages     bigint NOT NULL CHECK (messages > 0),
    sha256       bytea NOT NULL
);

CREATE INDEX handling_unit ON handling (unit, number);
CREATE INDEX handling_at ON handling (at);

-- Who asks to take part is counted with each that comes, and forgotten sooner than other requests.
CREATE INDEX request_joining ON request (state, decided_at) WHERE kind = 'joining';
