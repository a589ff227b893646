"""What stops a measurement."""


class NotMeasured(Exception):
    """Something that was to be measured did not do what it should; the text is one line."""
