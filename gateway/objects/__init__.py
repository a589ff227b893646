"""Objects in S3-compatible storage: where large parts of a store of several machines lie."""

from gateway.objects.place import (
    Bucket,
    FoundObject,
    NoObject,
    ObjectPlace,
    ObjectsAway,
    refuse_endpoint,
)

__all__ = [
    "Bucket",
    "FoundObject",
    "NoObject",
    "ObjectPlace",
    "ObjectsAway",
    "refuse_endpoint",
]
