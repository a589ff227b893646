"""How fast messages are judged: layer one against the bare validation by lxml, layer two, and the whole schema suite.

`make bench` prints it beside the other figures. `python -m bench.schema_speed` prints it alone as one JSON
document and ends with 1 when a bound is passed: layer one on a message of 5 KB within 1.5 times lxml alone in the same
run, the shipped suite under 20 seconds.
"""

from __future__ import annotations

import json
import sys
import time
from collections.abc import Callable

from lxml import etree

from bench.failure import NotMeasured
from bench.hub_load import DOCUMENT_OCTETS, document_of
from conformance.schema_cases import SUITE, read_cases, sample_cases
from conformance.schema_runner import run_case
from gateway.limits import PAYLOAD_LIMITS
from xsd.catalogue import Catalogue, load_catalogue
from xsd.checking.layers import rule_violations, violations
from xsd.document import parse_document

ROUNDS, CALLS = 15, 200
BOUND_RATIO, BOUND_SUITE_SECONDS = 1.5, 20.0


def measure() -> dict[str, float]:
    """Every figure of one run. CPU microseconds a call, parsing not counted on any side; wall seconds for the suite."""
    catalogue = load_catalogue()
    suite_cases, suite_seconds = _suite(catalogue)
    octets = document_of(DOCUMENT_OCTETS, sender="00000099000001001000", receiver="00000099000001002000")
    kind = catalogue.message("Schuldregeling", "2.0", "Saldoverzoek")
    if kind is None:
        raise NotMeasured("the module Schuldregeling 2.0 is not there")
    schema = etree.XMLSchema(etree.parse(str(kind.folder / "schema.xsd")))
    document = parse_document(octets, limits=PAYLOAD_LIMITS)
    tree = document.getroottree()
    if violations(kind, document) or rule_violations(kind, document) or not schema.validate(tree):
        raise NotMeasured("the document of the benchmark does not conform")
    bare, layer_one, layer_two = _microseconds(
        lambda: schema.validate(tree), lambda: violations(kind, document), lambda: rule_violations(kind, document)
    )
    return {
        "document_octets": len(octets),
        "bare_lxml_microseconds": bare,
        "layer_one_microseconds": layer_one,
        "layer_one_ratio": layer_one / bare,
        "layer_two_microseconds": layer_two,
        "suite_cases": suite_cases,
        "suite_seconds": suite_seconds,
    }


def passed_bounds(found: dict[str, float]) -> tuple[str, ...]:
    """What is slower than it may be, in words."""
    slow = []
    if found["layer_one_ratio"] > BOUND_RATIO:
        slow.append(f"layer one takes {found['layer_one_ratio']:.2f} times lxml alone; {BOUND_RATIO} is allowed")
    if found["suite_seconds"] > BOUND_SUITE_SECONDS:
        slow.append(f"the suite takes {found['suite_seconds']:.1f} s; {BOUND_SUITE_SECONDS:.0f} s are allowed")
    return tuple(slow)


def _suite(catalogue: Catalogue) -> tuple[int, float]:
    """Read and judge every shipped case: how many there are, and the seconds it took."""
    before = time.perf_counter()
    cases = [*read_cases(SUITE, catalogue), *sample_cases(catalogue)]
    for case in cases:
        run_case(case, catalogue)
    return len(cases), time.perf_counter() - before


def _microseconds(*calls: Callable[[], object]) -> list[float]:
    """The time one call takes, for each of `calls`: the best of the rounds, which take turns so that a busy machine
    troubles all of them alike."""
    best = [float("inf")] * len(calls)
    for _ in range(ROUNDS):
        for position, call in enumerate(calls):
            before = time.thread_time()
            for _ in range(CALLS):
                call()
            best[position] = min(best[position], (time.thread_time() - before) / CALLS)
    return [seconds * 1e6 for seconds in best]


def main() -> None:
    """Measure, print, and judge."""
    found = measure()
    sys.stdout.write(json.dumps(found, indent=2) + "\n")
    slow = passed_bounds(found)
    if slow:
        sys.exit("; ".join(slow))


if __name__ == "__main__":
    main()
