"""How fast messages are judged: layer one against the bare validation by lxml, layer two, and the whole schema suite.

`python -m bench.schema_speed` prints one JSON document and ends with 1 when a bound is passed: layer one on a message
of 5 KB within 1.5 times lxml alone in the same run, the shipped suite under 20 seconds.
"""

from __future__ import annotations

import json
import sys
import time
from collections.abc import Callable

from lxml import etree

from conformance.schema_cases import SUITE, read_cases, sample_cases
from conformance.schema_runner import run_case
from xsd.catalogue import load_catalogue
from xsd.message_type import MessageType
from xsd.rules import rule_violations
from xsd.samples import sample
from xsd.validate import violations

ROUNDS, CALLS = 15, 200
BOUND_RATIO, BOUND_SUITE_SECONDS = 1.5, 20.0


def message_of_5_kb(message_type: MessageType) -> etree._Element:
    """A conforming answer of about 5 KB: the sample with more claims."""
    root = etree.fromstring(sample("Schuldregeling", "2.0", "SaldoverzoekAntwoord"))
    extra = root.find(f"{{{message_type.namespace}}}ExtraVorderingen")
    assert extra is not None
    claim = etree.tostring(extra[0])
    while len(etree.tostring(root)) < 5 * 1024:
        extra.append(etree.fromstring(claim))
    return root


def microseconds(*calls: Callable[[], object]) -> list[float]:
    """The time one call takes, for each of `calls`: the best of the rounds, which take turns so that a busy machine
    troubles all of them alike."""
    best = [float("inf")] * len(calls)
    for _ in range(ROUNDS):
        for position, call in enumerate(calls):
            before = time.process_time()
            for _ in range(CALLS):
                call()
            best[position] = min(best[position], (time.process_time() - before) / CALLS)
    return [seconds * 1e6 for seconds in best]


def measure() -> dict[str, float]:
    """All numbers of one run."""
    catalogue = load_catalogue()
    kind = catalogue.message("Schuldregeling", "2.0", "SaldoverzoekAntwoord")
    assert kind is not None
    document = message_of_5_kb(kind)
    tree, compiled = document.getroottree(), kind.schema.compiled()
    bare, layer_one, layer_two = microseconds(
        lambda: compiled.validate(tree), lambda: violations(kind, document), lambda: rule_violations(kind, document)
    )
    before = time.perf_counter()
    cases = [*read_cases(SUITE, catalogue), *sample_cases(catalogue)]
    for case in cases:
        run_case(case, catalogue)
    return {
        "message_octets": len(etree.tostring(document)),
        "bare_lxml_us": round(bare, 1),
        "layer_one_us": round(layer_one, 1),
        "layer_one_ratio": round(layer_one / bare, 2),
        "layer_two_us": round(layer_two, 1),
        "suite_cases": len(cases),
        "suite_seconds": round(time.perf_counter() - before, 2),
    }


def main() -> None:
    """Measure, print, and judge."""
    numbers = measure()
    sys.stdout.write(json.dumps(numbers, indent=2) + "\n")
    if numbers["layer_one_ratio"] > BOUND_RATIO or numbers["suite_seconds"] > BOUND_SUITE_SECONDS:
        sys.exit(1)


if __name__ == "__main__":
    main()
