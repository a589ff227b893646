"""deploy/alerts.yml: every rule speaks of metrics that the hub tells, and fires when that happens which it is for."""

from __future__ import annotations

import json
import re
import subprocess
from functools import cache
from pathlib import Path
from typing import Any, Final

import pytest
import yaml
from support.absent import program

from gateway.metrics import METRICS

FILE: Final = Path(__file__).parents[2] / "deploy" / "alerts.yml"
OF_PROMETHEUS: Final = {"up"}

# For each rule a series that fires it, and one beside it that does not, each as an hour of equal values.
FIRES: Final[dict[str, tuple[tuple[str, ...], tuple[str, ...]]]] = {
    "HubGone": (('up{job="knooppunt"} 0',), ('up{job="knooppunt"} 1',)),
    "HubNotReady": (("knooppunt_ready 0",), ("knooppunt_ready 1",)),
    "StoreDoubtful": (("knooppunt_store_doubtful 1",), ("knooppunt_store_doubtful 0",)),
    "TimeSuspect": (('knooppunt_time_suspect{ground="behind"} 1',), ('knooppunt_time_suspect{ground="behind"} 0',)),
    "NodesDiffer": (("knooppunt_nodes_differing 1",), ("knooppunt_nodes_differing 0",)),
    "NodeClockOff": (("knooppunt_nodes_clock_off 1",), ("knooppunt_nodes_clock_off 0",)),
    "ObjectsAway": (("knooppunt_objects_away 1",), ("knooppunt_objects_away 0",)),
    "ObjectsNotRemoved": (("knooppunt_objects_leaving 1",), ("knooppunt_objects_leaving 0",)),
    "DiskFillsUp": (
        ("knooppunt_disk_free_bytes 19", 'knooppunt_disk_mark_bytes{mark="alarm"} 20'),
        ("knooppunt_disk_free_bytes 20", 'knooppunt_disk_mark_bytes{mark="alarm"} 20'),
    ),
    "DiskTooFull": (
        ("knooppunt_disk_free_bytes 9", 'knooppunt_disk_mark_bytes{mark="large"} 10'),
        ("knooppunt_disk_free_bytes 19", 'knooppunt_disk_mark_bytes{mark="large"} 10'),
    ),
    "FlushesSlow": (
        (
            'knooppunt_flush_seconds_bucket{le="1.0"} 0+0',
            'knooppunt_flush_seconds_bucket{le="2.0"} 0+9',
            'knooppunt_flush_seconds_bucket{le="+Inf"} 0+9',
        ),
        ('knooppunt_flush_seconds_bucket{le="1.0"} 0+9', 'knooppunt_flush_seconds_bucket{le="+Inf"} 0+9'),
    ),
    "PullsSlow": (
        (
            'knooppunt_pull_seconds_bucket{le="1.0"} 0+0',
            'knooppunt_pull_seconds_bucket{le="2.0"} 0+9',
            'knooppunt_pull_seconds_bucket{le="+Inf"} 0+9',
        ),
        ('knooppunt_pull_seconds_bucket{le="1.0"} 0+9', 'knooppunt_pull_seconds_bucket{le="+Inf"} 0+9'),
    ),
    "MessagesDamaged": (("knooppunt_messages_damaged 1",), ("knooppunt_messages_damaged 0",)),
    "NothingCollected": (("knooppunt_oldest_waiting_seconds 260000",), ("knooppunt_oldest_waiting_seconds 250000",)),
    "LeasesPileUp": (("knooppunt_open_leases 101",), ("knooppunt_open_leases 100",)),
    "RequestsPostponed": (
        ('knooppunt_postponed_total{cause="load"} 0+60',),
        ('knooppunt_postponed_total{cause="signed-anew"} 0+60',),
    ),
    "SigningCertificateWanted": (
        ('knooppunt_postponed_total{cause="key"} 0+1',),
        ('knooppunt_postponed_total{cause="load"} 0+1', 'knooppunt_postponed_total{cause="key"} 7'),
    ),
    "HubCertificateEnds": (
        ('knooppunt_certificate_days_left{use="directory"} 20',),
        ('knooppunt_certificate_days_left{use="directory"} 21',),
    ),
    "HubCertificateEndsNow": (
        ('knooppunt_certificate_days_left{use="tls"} 4',),
        ('knooppunt_certificate_days_left{use="directory"} 4', 'knooppunt_certificate_days_left{use="tls"} 5'),
    ),
    "ParticipantCertificateEnds": (
        ('knooppunt_participant_certificate_days_left{use="signing"} 13',),
        ('knooppunt_participant_certificate_days_left{use="signing"} 14',),
    ),
    "ConfigurationRefused": (("knooppunt_configuration_refused 1",), ("knooppunt_configuration_refused 0",)),
    "ConnectionsScarce": (
        ('knooppunt_connections{listener="hub"} 95', "knooppunt_connections_limit 100"),
        ('knooppunt_connections{listener="portal"} 95', "knooppunt_connections_limit 100"),
    ),
    "MailNotTaken": (
        ("knooppunt_mail_failing 1", "knooppunt_mail_oldest_seconds 4000"),
        ("knooppunt_mail_failing 0", "knooppunt_mail_oldest_seconds 4000"),
    ),
    "RequestsWait": (("knooppunt_requests_oldest_seconds 200000",), ("knooppunt_requests_oldest_seconds 100000",)),
    "Defects": (
        ('knooppunt_events_total{event="defect"} 0+1',),
        ('knooppunt_events_total{event="refused"} 0+1', 'knooppunt_events_total{event="defect"} 3'),
    ),
    "FilesScarce": (
        ("process_open_fds 95", "process_max_fds 100"),
        ("process_open_fds 50", "process_max_fds 100"),
    ),
    "MetricsUnread": (('knooppunt_unread{part="mail"} 1',), ('knooppunt_unread{part="mail"} 0',)),
}


@cache
def rules() -> dict[str, dict[str, Any]]:
    """Every rule by its name."""
    (group,) = yaml.safe_load(FILE.read_text("utf-8"))["groups"]
    found = {each["alert"]: each for each in group["rules"]}
    assert len(found) == len(group["rules"])
    return found


def of_table(name: str) -> str:
    """As the table calls it: a histogram has lines of its own."""
    return name.removesuffix("_bucket")


@pytest.mark.parametrize("name", rules())
def test_a_rule_names_metrics_and_labels_of_the_table_and_says_what_to_do(name: str) -> None:
    rule = rules()[name]
    metrics = {of_table(each) for each in re.findall(r"\b(?:knooppunt|process)_\w+|\bup\b", rule["expr"])}
    assert metrics
    assert metrics <= METRICS.keys() | OF_PROMETHEUS
    for label, values in re.findall(r'(\w+)(?:=~|!=|=)"([^"]*)"', rule["expr"]):
        known = {
            value
            for metric in metrics - OF_PROMETHEUS
            if METRICS[metric].label == label
            for value in METRICS[metric].values
        }
        assert set(values.split("|")) <= known or label == "job"
    assert rule["labels"] in ({"severity": "page"}, {"severity": "ticket"})
    assert rule["annotations"].keys() == {"summary", "action"}
    assert "$labels.instance" in rule["annotations"]["summary"]


@pytest.mark.parametrize("name", rules())
def test_a_command_that_a_rule_names_is_one(name: str) -> None:
    from click import Context, Group

    from gateway.cli.main import main

    for noun, verb in re.findall(r"knooppunt ([a-z]+)(?: ([a-z][a-z-]*))?", rules()[name]["annotations"]["action"]):
        command = main.get_command(Context(main), noun)
        assert command is not None, noun
        if isinstance(command, Group):
            assert command.get_command(Context(command), verb) is not None, verb


def test_every_rule_fires_for_what_it_is_for_and_not_just_beside_it(tmp_path: Path) -> None:
    assert FIRES.keys() == rules().keys()
    promtool = program("promtool")
    cases = []
    for name, (fires, silent) in FIRES.items():
        for series, expected in ((fires, True), (silent, False)):
            given = [each.rpartition(" ") for each in series]
            cases.append(
                {
                    "interval": "1m",
                    "input_series": [
                        {"series": labelled(what), "values": f"{value if '+' in value else f'{value}+0'}x180"}
                        for what, _, value in given
                    ],
                    "promql_expr_test": [
                        {
                            "expr": f'count(ALERTS{{alertname="{name}", alertstate="firing"}})',
                            "eval_time": "2h",
                            "exp_samples": [{"labels": "{}", "value": 1}] if expected else [],
                        }
                    ],
                }
            )
    document = {"rule_files": [str(FILE)], "evaluation_interval": "1m", "tests": cases}
    (tmp_path / "cases.yml").write_text(json.dumps(document), "utf-8")
    for words in (("check", "rules", str(FILE)), ("test", "rules", str(tmp_path / "cases.yml"))):
        ended = subprocess.run([promtool, *words], capture_output=True, text=True, check=False, timeout=60)
        assert ended.returncode == 0, f"{ended.stdout}\n{ended.stderr}"


def labelled(series: str) -> str:
    """With the instance, as a scrape adds it."""
    name, brace, labels = series.partition("{")
    return f'{name}{{instance="hub:8445"{"," + labels if brace else "}"}'
