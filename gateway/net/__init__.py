"""What the hub fetches from elsewhere, from hosts of a closed list, and the one mail server that takes its letters:
bounded, and never inside a request.
"""
