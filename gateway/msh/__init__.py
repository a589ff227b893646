"""The use cases of the message service handler: one a file, each a list of steps.

`journey` holds the values that a step hands to the next, `steps` the verbs.
"""
