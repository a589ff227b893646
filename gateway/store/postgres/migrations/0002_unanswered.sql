-- Questions that a unit confirmed, or let expire, and did not answer: those that it confirmed are listed for it.
CREATE INDEX message_unanswered ON message (receiver, id)
    WHERE question = 1 AND answered_at IS NULL AND waived_at IS NULL AND state IN ('receipted', 'expired', 'removed');
