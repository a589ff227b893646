"""The command line: nouns and verbs, one file a noun, thin."""
