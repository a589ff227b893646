"""The protocol: bytes and values in, values and bytes out."""
