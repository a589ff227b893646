"""The HTTP edge of the hub: bytes in, use case, bytes out."""
