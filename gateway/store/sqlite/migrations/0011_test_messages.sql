-- The last test message in each mailbox is found without a look through the log: there are few of them.
CREATE INDEX message_test ON message (receiver, id)
    WHERE action = 'http://docs.oasis-open.org/ebxml-msg/ebms/v3.0/ns/core/200704/test';
