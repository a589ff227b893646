-- Which database this is and how far it came, to be held against the mark beside it: gateway/store/sqlite/mark.py.
CREATE TABLE store (
    only_one   INTEGER PRIMARY KEY CHECK (only_one = 1),
    id         TEXT NOT NULL,
    generation INTEGER NOT NULL,
    commits    INTEGER NOT NULL,
    marked     INTEGER NOT NULL CHECK (marked IN (0, 1))   -- a mark was made
) STRICT;

INSERT INTO store (only_one, id, generation, commits, marked) VALUES (1, lower(hex(randomblob(16))), 1, 0, 0);
