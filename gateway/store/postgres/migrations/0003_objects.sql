-- Large parts in object storage. A row stands before the first octet of an object is written there and until the last
-- is removed, so that of each object somebody knows whose it is; it may be the parts of a message only until `remove_at`.
CREATE TABLE object (
    name      text COLLATE "C" PRIMARY KEY,
    message   bigint UNIQUE REFERENCES message (id),  -- NULL: of none yet, or not any more
    remove_at bigint,                        -- NULL while a message has it; 0 or less: it is being removed
    pieces    bigint NOT NULL,
    CHECK ((message IS NULL) = (remove_at IS NOT NULL))
);
CREATE INDEX object_leaving ON object (remove_at) WHERE remove_at IS NOT NULL;

CREATE FUNCTION object_kept() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF (SELECT state FROM message WHERE id = OLD.message) IN ('stored', 'offered') THEN
        RAISE EXCEPTION 'the message still waits';
    END IF;
    IF TG_OP = 'DELETE' THEN
        RETURN OLD;
    END IF;
    RETURN NEW;
END $$;

CREATE TRIGGER object_kept BEFORE UPDATE OF message OR DELETE ON object FOR EACH ROW
WHEN (OLD.message IS NOT NULL) EXECUTE FUNCTION object_kept();

ALTER TABLE store ADD COLUMN objects_listed_at bigint;  -- when they were last held against these rows
