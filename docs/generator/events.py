"""docs/reference/events.md, from the table of log events."""

from __future__ import annotations

from gateway.logs import EVENTS, MOST_CHARACTERS, WARNINGS
from generator.markdown import block, code, document, table

INTRODUCTION = f"""\
The hub writes one line an event: a JSON object with `time`, `level`, `event` and the fields of the event, or text for a
terminal (`log.format`). A value is escaped and cut after {MOST_CHARACTERS} characters. No event holds anything of a
payload, a key, or a header value beyond names, references and sizes."""

EXAMPLE = (
    '{"time": "2026-03-02T10:15:00.123+00:00", "level": "info", "event": "message_offered", "message_id":'
    ' "49b277d9-7d50-403f-9a0e-65bbb5724760@knooppunt.invalid", "mpc": "urn:knooppunt:mpc:00000099000001002000",'
    ' "attempt": 1}'
)


def page() -> str:
    """The whole page."""
    return document(
        "Log events",
        INTRODUCTION,
        block(EXAMPLE, "json"),
        table(
            ("event", "level", "what it tells"),
            ((code(name), "**warning**" if name in WARNINGS else "info", text) for name, text in EVENTS.items()),
        ),
        "What a library has to say comes as `library:NAME`, from warnings up, without its text.",
    )
