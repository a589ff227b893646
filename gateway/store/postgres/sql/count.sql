-- name: count_anew
-- What counters lack of what the rows of their messages say, added as of one moment; who moves one meanwhile adds, too.
INSERT INTO tally (mpc, kind, state, shard, party, messages, octets)
SELECT mpc, kind, state, 0, max(party), sum(messages)::bigint, sum(octets)::bigint FROM (
    SELECT mpc, kind, state, receiver AS party, count(*) AS messages, sum(size_octets) AS octets FROM message
    WHERE NOT :waiting::boolean OR state IN ('stored', 'offered') GROUP BY mpc, kind, state, receiver
    UNION ALL SELECT mpc, kind, state, party, -messages, -octets FROM tally
    WHERE NOT :waiting::boolean OR state IN ('stored', 'offered')
) AS side GROUP BY mpc, kind, state HAVING sum(messages) <> 0 OR sum(octets) <> 0
ON CONFLICT (mpc, kind, state, shard)
DO UPDATE SET messages = tally.messages + excluded.messages, octets = tally.octets + excluded.octets
