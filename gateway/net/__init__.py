"""What the hub fetches from elsewhere: from hosts of a closed list, bounded, and never inside a request."""
