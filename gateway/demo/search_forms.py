"""The forms in which a token may lie on a disk, compiled into one expression that finds them all in one pass.

Every form of every token is an exact run of octets. Of each run one anchor of eight octets goes into a trie, the trie
becomes an expression, and a match is held against the runs that own the anchor: so the time hardly grows with the
number of tokens. The raw token has an anchor at every ninth octet, so that each window of sixteen holds one whole.
"""

from __future__ import annotations

import base64
import json
import re
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from urllib.parse import quote

FORM_NAME = "name"
FORM_RAW = "raw"
FORM_WINDOW = "window"
WINDOW_OCTETS = 16
_ANCHOR_OCTETS = 8
_ANCHOR_STEP = WINDOW_OCTETS - _ANCHOR_OCTETS + 1


@dataclass(frozen=True, slots=True, kw_only=True)
class _Owner:
    """A run of octets that has an anchor at `at`."""

    token: str
    form: str
    run: bytes
    at: int


def encoded_forms(token: str) -> Mapping[str, tuple[bytes, ...]]:
    """Every form but raw and window: its name, and the runs of octets that it may be; some are spelled in two ways."""
    octets = token.encode()
    code_units = token.encode("utf-16-be")
    escapes = [code_units[at : at + 2].hex() for at in range(0, len(code_units), 2)]
    return {
        "utf-16le": (token.encode("utf-16-le"),),
        "utf-16be": (code_units,),
        **{f"base64+{shift}": _base64_cores(octets, shift) for shift in range(3)},
        "hex-lower": (octets.hex().encode(),),
        "hex-upper": (octets.hex().upper().encode(),),
        "url-encoded": (
            "".join(f"%{octet:02X}" for octet in octets).encode(),
            "".join(f"%{octet:02x}" for octet in octets).encode(),
            *_unless_raw(quote(token, safe=""), token),
        ),
        "json-escaped": (
            "".join(f"\\u{escape}" for escape in escapes).encode(),
            "".join(f"\\u{escape.upper()}" for escape in escapes).encode(),
            *_unless_raw(json.dumps(token)[1:-1], token),
        ),
    }


def _base64_cores(octets: bytes, shift: int) -> tuple[bytes, ...]:
    """The digits that do not depend on the neighbours, for a token `shift` octets after a multiple of three."""
    whole = len(octets) - (shift + len(octets)) % 3
    encoded = base64.b64encode(bytes(shift) + octets[:whole])
    core = encoded[(0, 2, 3)[shift] :]
    url_safe = core.translate(bytes.maketrans(b"+/", b"-_"))
    return (core,) if url_safe == core else (core, url_safe)


def _unless_raw(text: str, token: str) -> tuple[bytes, ...]:
    return () if text == token else (text.encode(),)


@dataclass(frozen=True, slots=True)
class Patterns:
    """All forms of all tokens, ready to be looked for."""

    expression: re.Pattern[bytes]
    owners: Mapping[bytes, tuple[_Owner, ...]]
    longest_octets: int

    def occurrences(self, chunk: bytes) -> Iterator[tuple[int, str, str]]:
        """(position, form, token) of all that lies whole in the chunk; two anchors may report the same."""
        search, position = self.expression.search, 0
        while match := search(chunk, position):
            for owner in self.owners[match.group()]:
                yield from _held_against(owner, chunk, match.start())
            position = match.start() + 1


def _held_against(owner: _Owner, chunk: bytes, anchor: int) -> Iterator[tuple[int, str, str]]:
    start = anchor - owner.at
    if start >= 0 and chunk.startswith(owner.run, start):
        yield start, owner.form, owner.token
    elif owner.form == FORM_RAW:
        left = owner.at
        while left > 0 and start + left > 0 and chunk[start + left - 1] == owner.run[left - 1]:
            left -= 1
        right = owner.at + _ANCHOR_OCTETS
        while right < len(owner.run) and start + right < len(chunk) and chunk[start + right] == owner.run[right]:
            right += 1
        if right - left >= WINDOW_OCTETS:
            yield start + left, FORM_WINDOW, owner.token


def compile_patterns(tokens: Sequence[str]) -> Patterns:
    """Build the one expression; raises `ValueError` for a token shorter than a window, or for no token at all."""
    owners: dict[bytes, list[_Owner]] = defaultdict(list)
    longest = 0
    for token in tokens:
        raw = token.encode()
        if len(raw) < WINDOW_OCTETS:
            raise ValueError(f"a token has {WINDOW_OCTETS} octets or more, this one has {len(raw)}")
        for at in {*range(0, len(raw) - _ANCHOR_OCTETS + 1, _ANCHOR_STEP), len(raw) - _ANCHOR_OCTETS}:
            owners[raw[at : at + _ANCHOR_OCTETS]].append(_Owner(token=token, form=FORM_RAW, run=raw, at=at))
        for form, runs in encoded_forms(token).items():
            for run in runs:
                at = (len(run) - _ANCHOR_OCTETS) // 2
                owners[run[at : at + _ANCHOR_OCTETS]].append(_Owner(token=token, form=form, run=run, at=at))
                longest = max(longest, len(run))
    if not owners:
        raise ValueError("nothing to search for: name at least one token")
    expression = re.compile(_expression(sorted(owners)), re.DOTALL)
    return Patterns(expression, {anchor: tuple(found) for anchor, found in owners.items()}, longest)


def _expression(anchors: Sequence[bytes]) -> bytes:
    """A trie of equally long runs as an expression: at each octet only the branches that can still match are tried."""
    if len(anchors) == 1:
        return re.escape(anchors[0])
    branches: dict[bytes, list[bytes]] = defaultdict(list)
    for anchor in anchors:
        branches[anchor[:1]].append(anchor[1:])
    spelled = [re.escape(first) + _expression(rest) for first, rest in branches.items()]
    return spelled[0] if len(spelled) == 1 else b"(?:" + b"|".join(spelled) + b")"
