"""Which functions of the hub are counted, and beside which step of the floor each stands, by the request it is for."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

STEPS = "gateway.msh.steps"
SQLITE = "gateway.store.sqlite"


@dataclass(frozen=True, slots=True)
class Step:
    """Some functions of the hub that together do what one step of the floor does, or nothing that the floor does."""

    request: str
    name: str
    floor: str | None
    targets: tuple[str, ...]


_ARRIVAL = (f"{STEPS}.arrival:admit", f"{STEPS}.arrival:frame", f"{STEPS}.arrival:parse", f"{STEPS}.arrival:end_signal")
_WRITER = ("gateway.sqlite.writer:Writer._transaction", "gateway.sqlite.writer:Writer._flush")
_AROUND = (
    "gateway.web.endpoint:Endpoint.__call__",
    "gateway.msh.receive:receive",
    "gateway.msh.receive:receive_user_message",
    "gateway.msh.receive:take_anew",
    "gateway.msh.receive:store",
)
_LOG = ("gateway.logs:Events.__call__",)

ALL: tuple[Step, ...] = (
    Step("push", "admit, frame, parse", "push: MIME, parse, header schema", _ARRIVAL),
    Step(
        "push",
        "match, verify, judge",
        "push: verify",
        (
            f"{STEPS}.trust:match",
            f"{STEPS}.trust:verify",
            f"{STEPS}.trust:judge",
            f"{STEPS}.trust:check_may_sign",
            f"{STEPS}.freshness:judge_message",
        ),
    ),
    Step(
        "push",
        "find earlier",
        "push: look for a duplicate",
        (f"{STEPS}.earlier:find_earlier", f"{SQLITE}.acceptances:find_earlier"),
    ),
    Step(
        "push",
        "open (with inflating and encrypting anew)",
        "push: unwrap, decrypt, digest",
        (f"{STEPS}.opening:open_parts", f"{STEPS}.own_digests:own_digests"),
    ),
    Step(
        "push",
        "route, validate",
        "push: inflate, parse, schema",
        (f"{STEPS}.routing:route", f"{STEPS}.validation:validate"),
    ),
    Step(
        "push",
        "seal",
        "push: origin, encrypt, wrap, sign",
        (f"{STEPS}.sealing:Sealing.begin", f"{STEPS}.sealing:seal"),
    ),
    Step(
        "push",
        "receipt",
        "push: signed receipt",
        (f"{STEPS}.receipting:receipt_for_sender", f"{STEPS}.receipting:acceptance_of"),
    ),
    Step(
        "push",
        "store",
        "push: durable store",
        (f"{SQLITE}.store:SqliteStore.accept", f"{SQLITE}.accepting:accept", *_WRITER),
    ),
    Step("push", "receive itself, endpoint", None, _AROUND),
    Step("push", "log lines", None, _LOG),
    Step(
        "pull",
        "admit, frame, parse, authorise",
        "pull: parse, header schema, verify",
        (*_ARRIVAL, f"{STEPS}.authorising:authorise"),
    ),
    Step(
        "pull",
        "lease",
        "pull: lease",
        (
            "gateway.msh.pull:lease",
            f"{STEPS}.freshness:judge_signal",
            f"{SQLITE}.store:SqliteStore.lease",
            f"{SQLITE}.leasing:lease",
            *_WRITER,
        ),
    ),
    Step("pull", "pull and receive themselves, endpoint", None, (*_AROUND, "gateway.msh.pull:pull")),
    Step("pull", "log lines", None, _LOG),
    Step(
        "receipt",
        "admit, frame, parse, find, verify",
        "receipt: parse, header schema, verify",
        (
            *_ARRIVAL,
            "gateway.msh.acknowledge:acknowledge_pulled",
            f"{STEPS}.signals:verify_signal",
            f"{SQLITE}.store:SqliteStore.find_offered",
            f"{SQLITE}.listing:find_offered",
        ),
    ),
    Step(
        "receipt",
        "close",
        "receipt: close",
        ("gateway.msh.acknowledge:close", f"{SQLITE}.store:SqliteStore.close", f"{SQLITE}.closing:close", *_WRITER),
    ),
    Step("receipt", "receive itself, endpoint", None, (*_AROUND, "gateway.msh.bundled:take_signals")),
    Step("receipt", "log lines", None, _LOG),
)
TARGETS: tuple[str, ...] = tuple(dict.fromkeys(target for step in ALL for target in step.targets))


def beside_the_floor(
    hub: Mapping[str, Mapping[str, float]], whole: Mapping[str, float], floor: Mapping[str, float]
) -> list[dict[str, object]]:
    """A row for each step, and one for what is in no step: TLS, HTTP, the loop, threads.

    All in CPU microseconds for a transaction: `hub` by request and target, `whole` by request, `floor` by its steps.
    """
    rows: list[dict[str, object]] = []
    counted = dict.fromkeys(whole, 0.0)
    for step in ALL:
        used = sum(hub[step.request].get(target, 0.0) for target in step.targets)
        counted[step.request] += used
        rows.append(
            {
                "request": step.request,
                "step": step.name,
                "hub": used,
                "floor_step": step.floor,
                "floor": None if step.floor is None else floor[step.floor],
            }
        )
    # A function that was counted, but for a request that none of the steps names it for.
    strays = sum(
        used
        for request, targets in hub.items()
        for target, used in targets.items()
        if not any(step.request == request and target in step.targets for step in ALL)
    )
    rest = sum(whole.values()) - sum(counted.values()) - strays
    rows.append({"request": "all", "step": "counted elsewhere", "hub": strays, "floor_step": None, "floor": None})
    requests = "3 HTTPS requests"
    rows.append(
        {
            "request": "all",
            "step": "TLS, HTTP, loop, threads, and the clocks themselves",
            "hub": rest,
            "floor_step": requests,
            "floor": floor[requests],
        }
    )
    return rows
