"""docs/reference/events.md, from the table of log events."""

from __future__ import annotations

from gateway.events import EVENTS, FIELDS
from gateway.jobs.time_guard import GROUNDS
from gateway.logs import MOST_CHARACTERS
from gateway.msh.later import CAUSES
from generator.markdown import block, code, document, table

INTRODUCTION = f"""\
The hub writes one line an event: a JSON object with `time`, `level`, `event` and the fields of the event, or text for a
terminal (`log.format`). A value is escaped and cut after {MOST_CHARACTERS} characters. No event holds anything of a
payload, a key, or a header value beyond names, references and sizes."""

POSTPONED = """\
The event `postponed` names one of these causes. The peer got HTTP 503 with a Retry-After: the first value, later as
long as the cause has lasted, up to the last; spread by a fifth to either side, so that not all come back at once. What
is about one message, one receiver or one participant's time lasts for each participant and message by itself."""
SUSPECT = """\
The event `time_suspect` says one or more of these sentences, once a minute, until `knooppunt store confirm-time`."""

EXAMPLE = (
    '{"time": "2026-03-02T10:15:00.123+00:00", "level": "info", "event": "message_offered", "message_id":'
    ' "49b277d9-7d50-403f-9a0e-65bbb5724760@knooppunt.invalid", "mpc": "urn:knooppunt:mpc:00000099000001002000",'
    ' "attempt": 1}'
)


def seconds(length: float | None) -> str:
    """A wait as the table tells it."""
    return code("limits.retry_after_seconds") if length is None else f"{length:.0f} s"


def page() -> str:
    """The whole page."""
    return document(
        "Log events",
        INTRODUCTION,
        block(EXAMPLE, "json"),
        table(
            ("event", "level", "what it tells", "fields"),
            (
                (
                    code(name),
                    "**warning**" if event.warning else "info",
                    event.tells,
                    ", ".join(map(code, event.fields)),
                )
                for name, event in EVENTS.items()
            ),
        ),
        "What a library has to say comes as `library:NAME`, from warnings up, without its text: of each"
        " NAME a hundred lines, then five a second; `unsaid` in the next one counts the others.",
        "## Fields",
        "A field whose value is not known is left out.",
        table(("field", "meaning"), ((code(name), says) for name, says in FIELDS.items())),
        "## Why a request was postponed",
        POSTPONED,
        table(
            ("cause", "what it means", "first", "at most"),
            (
                (code(cause), wait.means, seconds(wait.first_seconds), seconds(wait.longest_seconds))
                for cause, wait in CAUSES.items()
            ),
        ),
        "## Why the time is suspect",
        SUSPECT,
        table(("ground", "what was seen"), ((code(ground), says) for ground, says in GROUNDS.items())),
    )
