"""The hub's schema check of a 5 KB message against a bare validation with lxml, interleaved in one run."""

from __future__ import annotations

import statistics
import time
from collections.abc import Callable

from lxml import etree

from bench.hub_load import DOCUMENT_OCTETS, document_of
from xsd.catalogue import load_catalogue
from xsd.document import PAYLOAD_LIMITS, parse_document
from xsd.validate import violations

ROUNDS, LOOPS = 15, 200


def measure() -> dict[str, float]:
    """CPU microseconds of both, and their ratio; parsing is not counted on either side."""
    octets = document_of(DOCUMENT_OCTETS, sender="00000099000001001000", receiver="00000099000001002000")
    kind = load_catalogue().message("Schuldregeling", "2.0", "Saldoverzoek")
    if kind is None:
        raise LookupError("the module Schuldregeling 2.0 is not there")
    schema = etree.XMLSchema(etree.parse(str(kind.folder / "schema.xsd")))
    document = parse_document(octets, limits=PAYLOAD_LIMITS)
    tree = document.getroottree()
    if violations(kind, document) or not schema.validate(tree):
        raise ValueError("the document of the benchmark does not conform")
    ours, bare = [], []
    for _ in range(ROUNDS):
        ours.append(_microseconds(lambda: violations(kind, document)))
        bare.append(_microseconds(lambda: schema.validate(tree)))
    layer_one, floor = statistics.median(ours), statistics.median(bare)
    return {
        "document_octets": float(len(octets)),
        "layer_one_microseconds": layer_one,
        "bare_lxml_microseconds": floor,
        "ratio": layer_one / floor,
    }


def _microseconds(work: Callable[[], object]) -> float:
    started = time.thread_time()
    for _ in range(LOOPS):
        work()
    return (time.thread_time() - started) / LOOPS * 1e6
