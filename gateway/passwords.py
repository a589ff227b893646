"""The passwords of the hub's keys, from a file, a descriptor or an environment variable.

A file is read each time that keys are; what a descriptor or a variable said at the start, and can say only once, is
kept for as long as the process runs, as the keys are that it opens.

SECURITY: a variable is the weakest of the three. Deleting it from `os.environ` keeps it from children, but the block
that the process was started with stays readable in /proc/PID/environ for the same user. So `knooppunt serve` hands such
passwords to itself through a descriptor and starts itself anew without them (`hand_over`); what the process then runs
with has never held them. A file for the owner alone, or a descriptor, needs none of this.
"""

from __future__ import annotations

import errno
import json
import os
from collections.abc import Iterable, Iterator, MutableMapping
from pathlib import Path
from typing import Final

from gateway.named_file import FileRefused, first_line, read_named
from gateway.settings import PasswordReference

HANDED_OVER: Final = "KNOOPPUNT_PASSWORDS_FD"
PASSWORD_OCTETS: Final = 4096


class NoPassword(Exception):
    """A password cannot be had; the text says why, without naming the key."""


class PasswordNotHere(NoPassword):
    """This process was not handed it, which tells nothing of one that is started as a service."""


class Passwords:
    """Reads passwords for one hub, whenever it reads its keys, and keeps none of them in the environment."""

    def __init__(self, environment: MutableMapping[str, str] | None = None) -> None:
        self._environment = os.environ if environment is None else environment
        self._kept: dict[tuple[str, object], bytes] = {}
        handed = self._environment.pop(HANDED_OVER, None)
        if handed is not None:
            for name, value in _received(int(handed)).items():
                self._kept["env", name] = value.encode()

    def password(self, reference: PasswordReference) -> bytes | None:
        """The password that is referred to, None if there is none; NoPassword if it cannot be read or is empty."""
        kind, where = reference.kind_and_place
        if where is None:
            return None
        found = self._kept.get((kind, where))
        if found is None:
            found = self._from(reference)
        if kind != "file":
            self._kept[kind, where] = found
        if not found:
            raise NoPassword("the password is empty")
        return found

    def _from(self, reference: PasswordReference) -> bytes:
        if reference.file is not None:
            return _of_file(reference.file)
        if reference.fd is not None:
            return _of_descriptor(reference.fd)
        value = self._environment.pop(reference.env or "", None)
        if value is None:
            raise PasswordNotHere(f"the environment variable {reference.env} is not set; it is to hold the password")
        return value.encode("utf-8", "surrogateescape")


def hand_over(names: Iterable[str], environment: MutableMapping[str, str]) -> None:
    """Take these variables out of an environment that a program is about to be started with, and have it inherit a
    descriptor that holds them.
    """
    held = {name: environment.pop(name) for name in sorted(set(names)) if name in environment}
    if not held:
        return
    descriptor = os.memfd_create("passwords", 0)  # lies in memory alone, and goes with whoever holds it
    os.set_inheritable(descriptor, True)
    os.write(descriptor, json.dumps(held).encode())
    os.lseek(descriptor, 0, os.SEEK_SET)
    environment[HANDED_OVER] = str(descriptor)


def _received(descriptor: int) -> dict[str, str]:
    with open(descriptor, "rb") as file:
        found: dict[str, str] = json.loads(file.read())
    return found


def _of_file(path: Path) -> bytes:
    try:
        return first_line(read_named(path, most_octets=PASSWORD_OCTETS, secret=True))
    except FileRefused as fault:
        # A service may be lent a file that is there only while it runs.
        refused = NoPassword if os.path.exists(path) else PasswordNotHere
        raise refused(f"{path}: {fault.told}") from None


def _of_descriptor(descriptor: int) -> bytes:
    found = b""
    try:
        if not os.get_inheritable(descriptor):  # a file or socket that this process opened for itself
            raise OSError(errno.EBADF, os.strerror(errno.EBADF))
        while b"\n" not in found and len(found) <= PASSWORD_OCTETS and (more := os.read(descriptor, PASSWORD_OCTETS)):
            found += more
        if descriptor > 2:  # the standard streams stay
            os.close(descriptor)
    except OSError as fault:
        said = f"descriptor {descriptor}: {fault.strerror}; start the hub with the password on it, or name a file"
        raise PasswordNotHere(said) from None
    return first_line(found)


def environment_names(references: Iterable[PasswordReference]) -> Iterator[str]:
    """The variables that hold a password."""
    return (each.env for each in references if each.env is not None)
