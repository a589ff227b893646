"""Reading all of a store and holding it against what was written: rows by their digests, octets by theirs."""
