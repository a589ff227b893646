"""Messages, mailboxes, evidence and blobs: one small interface, and the engines behind it."""
