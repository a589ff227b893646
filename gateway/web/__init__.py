"""The AS4 endpoint on the listener: bytes in, use case, bytes out."""
