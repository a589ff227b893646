"""What may be absent without being a fault of this machine or of the project."""

from __future__ import annotations

# How a skip begins that is owed to a registry which does not have a foreign product today.
NOT_SERVED = "NOT SERVED TODAY"
