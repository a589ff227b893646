-- Who confirmed a message without an answer has its line among who had what in hand.
ALTER TABLE handling
    DROP CONSTRAINT handling_deed_check,
    ADD CONSTRAINT handling_deed_check CHECK (deed IN ('opened', 'answered', 'sent', 'downloaded', 'confirmed'));
