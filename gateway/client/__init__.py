"""What a participant runs: push, pull, receipts, and its own durable inbox and outbox."""
