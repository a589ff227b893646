"""The hub and the client: protocol, use cases, storage, and the shells around them."""
