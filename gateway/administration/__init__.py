"""What an administrator asks of a hub: the list of verbs, and the two ways to ask them.

`verbs` is the list, `verb` what follows from an entry of it, `asking` asks a store that this process has open, `server`
and `client` carry the same verbs over `admin.sock` of a hub that runs.
"""
