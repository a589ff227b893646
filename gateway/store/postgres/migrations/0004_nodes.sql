-- Hubs that serve this database, as each told of itself last. Nothing of a message depends on a row here.
CREATE TABLE node (
    name          text COLLATE "C" PRIMARY KEY,
    version       text NOT NULL,
    configuration text NOT NULL,     -- a digest of what all have to agree on
    since         bigint NOT NULL,   -- when it told of that first, by the database's clock
    ahead         bigint NOT NULL,   -- microseconds by which its clock is ahead of the database's at least, or behind
    seen_at       bigint NOT NULL    -- by the database's clock
);
