"""A broker of eHerkenning to try logins with, in tests and in `make serve`: it asks nobody for a proof, and lets
whoever sits at the browser choose who he is.

It shares no code with `gateway.identity` and none with `crypto`: signatures are made and verified by signxml, an
identifier is encrypted by `cryptography` directly, so that each judges the other. signxml comes with the extra
`broker`; nothing else of the product needs it.

SECURITY: it is served on loopback, with keys that were made for a test site. It proves nothing about anybody.
"""
