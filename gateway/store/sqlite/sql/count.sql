-- name: find_miscounted
-- The counters that are not what the rows of their messages say, with what these say.
SELECT mpc, kind, state, max(party), sum(found), sum(found_octets) FROM (
    SELECT mpc, kind, state, receiver AS party, count(*) AS found, sum(size_octets) AS found_octets, 0 AS told,
        0 AS told_octets
    FROM message GROUP BY mpc, kind, state
    UNION ALL SELECT mpc, kind, state, party, 0, 0, messages, octets FROM tally
) GROUP BY mpc, kind, state HAVING sum(found) <> sum(told) OR sum(found_octets) <> sum(told_octets)

-- name: find_miscounted_waiting
-- Likewise, of those alone by which a mailbox is given and filled: as many rows are read as messages wait.
SELECT mpc, kind, state, max(party), sum(found), sum(found_octets) FROM (
    SELECT mpc, kind, state, receiver AS party, count(*) AS found, sum(size_octets) AS found_octets, 0 AS told,
        0 AS told_octets
    FROM message WHERE state IN ('stored', 'offered') GROUP BY mpc, kind, state
    UNION ALL SELECT mpc, kind, state, party, 0, 0, messages, octets FROM tally WHERE state IN ('stored', 'offered')
) GROUP BY mpc, kind, state HAVING sum(found) <> sum(told) OR sum(found_octets) <> sum(told_octets)

-- name: write_count
-- What the rows say is what the counter says.
INSERT INTO tally (mpc, kind, state, party, messages, octets)
VALUES (:mpc, :kind, :state, :party, :messages, :octets)
ON CONFLICT (mpc, kind, state) DO UPDATE SET messages = excluded.messages, octets = excluded.octets
