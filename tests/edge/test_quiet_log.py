"""So many lines a second of each event, and after a silence the number of those that were not written."""

from __future__ import annotations

from gateway.edge.quiet_log import BURST_LINES, QuietLog


def test_after_a_silence_the_number_of_unsaid_lines_is_told() -> None:
    now = 0.0
    lines: list[tuple[str, dict[str, object]]] = []

    def write(event: str, /, **fields: object) -> None:
        lines.append((event, fields))

    quiet = QuietLog(write, per_second=5.0, now=lambda: now)
    for number in range(int(BURST_LINES) + 40):
        quiet("request_refused", number=number)
    assert len(lines) == BURST_LINES
    quiet("peer_gone")
    assert lines[-1] == ("peer_gone", {}), "each event is counted by itself"
    now = 0.3
    quiet("request_refused", number=1000)
    quiet("request_refused", number=1001)
    assert lines[-1] == ("request_refused", {"number": 1000, "unsaid": 40})
    now = 0.6
    quiet("request_refused", number=1002)
    assert lines[-1] == ("request_refused", {"number": 1002, "unsaid": 1})
