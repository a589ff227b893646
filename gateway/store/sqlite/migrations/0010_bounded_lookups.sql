-- A lease counts no more rows than it may have open, and steps over none that is damaged or only pauses; a question finds
-- what waived it before however long its conversation is.
DROP INDEX message_offered;
CREATE INDEX message_offerable ON message (mpc, offerable_at, expires_at) WHERE state = 'offered' AND damaged = 0;
CREATE INDEX message_leased ON message (mpc, lease_until, offerable_at, expires_at) WHERE state = 'offered';
DROP INDEX message_conversation;
CREATE INDEX message_conversation ON message (conversation_id, original_sender, final_recipient, service, action, kind);
