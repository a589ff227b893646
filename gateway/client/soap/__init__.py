"""What a participant's own system asks of the client over a web service: to send, to fetch, to confirm, and what became
of it.
"""
