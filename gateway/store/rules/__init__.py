"""What the store decides, as pure functions from rows read to changes to write; the moment is an argument.

An engine reads the rows, asks, and writes what it is told, inside its own transaction. It may read fewer rows than
there are, where an index tells that the others would not count, and never decides by itself.
"""
