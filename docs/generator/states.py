"""docs/reference/states.md, from the table of states."""

from __future__ import annotations

from datetime import timedelta

from gateway.store.model import State
from gateway.store.states import ERROR_PAUSES, EXPIRY_GRACE, LONGEST_LEASE, TRANSITIONS, may_become
from generator.markdown import block, code, document, table

INTRODUCTION = """\
The states of a message in the hub, and every transition between them. One table in the code; the database refuses every
other transition by itself. A message that is still arriving has no state: it is not there until it is durable."""

MEANINGS = {
    State.STORED: "durable, and waiting for its receiver",
    State.OFFERED: "pulled, under a lease that has not lapsed; nobody else gets it meanwhile",
    State.RECEIPTED: "the receiver's valid receipt is kept; the envelope with the wrapped key is destroyed",
    State.EXPIRED: "its term ran out; the envelope is destroyed, and the sender finds a notice",
    State.REMOVED: "no octet of the message is left; the metadata stay in the log of messages",
}


def diagram() -> str:
    """The table as a Mermaid state diagram."""
    lines = ["stateDiagram-v2"]
    for each in TRANSITIONS:
        before = each.before or "[*]"
        lines.append(f"    {before} --> {each.after}: {each.name} {each.cause}")
    finals = [state for state in State if not any(may_become(state, other) for other in State)]
    return "\n".join([*lines, *(f"    {state} --> [*]" for state in finals)]) + "\n"


def page() -> str:
    """The whole page."""
    return document(
        "States of a message",
        INTRODUCTION,
        block(diagram(), "mermaid"),
        table(("state", "means"), ((code(state), MEANINGS[state]) for state in State)),
        "## Transitions\n\n"
        + table(
            ("", "from", "to", "cause", ""),
            (
                (t.name, code(t.before or ""), code(t.after), t.cause, "by the clock, never written" * t.computed)
                for t in TRANSITIONS
            ),
        ),
        "A receipt that comes after the term changes no state: it is kept as evidence, and the sender, who was told"
        " that its\nmessage expired, is told that the receiver has it after all. So T11 stays where it is.",
        f"""## Times

- A lease lasts as long as the P-Mode says ([`mailbox.lease_seconds`](pmode-files.md)), and while octets of the message
  are still on their way; {_span(LONGEST_LEASE)} at most.
- A term that is over ends a message only when no lease is open and {_span(EXPIRY_GRACE)} have passed since the last
  one, so that a receipt on its way wins.
- After an ebMS Error from its receiver a message is offered again in {", then ".join(map(_span, ERROR_PAUSES))}.""",
    )


def _span(span: timedelta) -> str:
    minutes = int(span.total_seconds() // 60)
    count, unit = (minutes // 60, "hour") if minutes % 60 == 0 else (minutes, "minute")
    return f"{count} {unit}{'' if count == 1 else 's'}"
