"""What participants import: their messages by module and version, how those are checked, and the client.

`knooppunt.messages` has a module for each module version, `knooppunt.checking` the two layers of checking, and
`knooppunt.client` what pushes and pulls. A name that is in `__all__` here stays; everything below other packages of
this distribution may change with any version.
"""
