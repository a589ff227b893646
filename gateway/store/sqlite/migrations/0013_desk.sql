-- A lease of a person at a desk: who holds it, and when that began. A pull's lease has neither, and is counted apart.
ALTER TABLE message ADD COLUMN desk_holder TEXT;

DROP INDEX message_leased;
CREATE INDEX message_leased ON message (mpc, lease_until, offerable_at, expires_at)
    WHERE state = 'offered' AND desk_holder IS NULL;
CREATE INDEX message_at_desk ON message (mpc, lease_until) WHERE state = 'offered' AND desk_holder IS NOT NULL;
CREATE INDEX message_held ON message (desk_holder, lease_until) WHERE state = 'offered' AND desk_holder IS NOT NULL;
