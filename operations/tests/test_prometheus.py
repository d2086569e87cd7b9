"""What Prometheus is given: rules about metrics that there are, and nothing that promtool minds."""

import re
import shutil
import subprocess
from pathlib import Path
from typing import Any

import pytest
import yaml

from chirp.observability import metrics
from runner.options import CHECKOUT

DEPLOY = CHECKOUT / "deploy"
RULES = DEPLOY / "alerts.yml"
PAGE = (CHECKOUT / "docs" / "metrics.md").read_text(encoding="utf-8")
PROMTOOL = shutil.which("promtool")
promtool_there = pytest.mark.skipif(
    PROMTOOL is None,
    reason="promtool is not installed, so its checks of metrics and rules DID NOT RUN",
)


def rules() -> list[dict[str, Any]]:
    (group,) = yaml.safe_load(RULES.read_text())["groups"]
    found: list[dict[str, Any]] = group["rules"]
    return found


def promtool(*arguments: str, given: bytes = b"") -> None:
    """Expect its approval."""
    command = [PROMTOOL or "", *arguments]
    run = subprocess.run(command, input=given, capture_output=True, cwd=DEPLOY, check=False)
    assert run.returncode == 0, (run.stdout + run.stderr).decode()


def test_rules_are_about_metrics_that_there_are() -> None:
    for rule in rules():
        named = set(re.findall(r"chirp_\w+", rule["expr"]))
        assert named <= set(metrics.DECLARED), rule["alert"]
        assert named or "up{" in rule["expr"]


def test_every_alert_is_documented_and_no_other() -> None:
    documented = re.findall(r"^\| `(Chirp\w+)` \|", PAGE, re.MULTILINE)
    assert documented == [rule["alert"] for rule in rules()]
    assert {rule["labels"]["severity"] for rule in rules()} == {"page", "look"}


def test_the_configuration_reads_the_rules_and_asks_the_site() -> None:
    found = yaml.safe_load((DEPLOY / "prometheus.yml").read_text())
    assert [DEPLOY / name for name in found["rule_files"]] == [RULES]
    (job,) = found["scrape_configs"]
    assert job["job_name"] == "chirp", "which the rules know"
    assert "METRICS_TOKEN" in job["authorization"]["credentials"]


@promtool_there
def test_promtool_accepts_configuration_and_rules() -> None:
    promtool("check", "config", "prometheus.yml")
    promtool("check", "rules", "alerts.yml")


@promtool_there
@pytest.mark.django_db
def test_promtool_has_nothing_against_our_metrics() -> None:
    metrics.breaker_openings.inc(0)
    metrics.saw_request(method="GET", route="/x", status=200, seconds=0.1, queries=1)
    promtool("check", "metrics", given=metrics.exposition())
    with pytest.raises(AssertionError, match="no help text"):
        promtool("check", "metrics", given=b"bare_milliseconds 1\n")


SERIES = {
    "chirp_timeline_fan_out_lag_seconds": ("61+10x30", "ChirpFanOutIsLate"),
    "chirp_outbox_relay_lag_seconds": ("61+10x30", "ChirpRelayIsLate"),
    "chirp_outbox_resent_events": ("1x30", "ChirpEventsAreStuck"),
    'up{job="chirp",instance="one"}': ("0x30", "ChirpDoesNotAnswer"),
}


@promtool_there
@pytest.mark.parametrize("series", SERIES)
def test_an_alert_fires_when_it_should_and_not_before(series: str, tmp_path: Path) -> None:
    values, alert = SERIES[series]
    rule = next(rule for rule in rules() if rule["alert"] == alert)
    minutes = int(rule["for"].removesuffix("m"))
    firing = {"exp_labels": {"severity": rule["labels"]["severity"]}}
    if series.startswith("up"):
        firing["exp_labels"] |= {"job": "chirp", "instance": "one"}
    run_promtool_test(tmp_path, {series: values}, alert, minutes, firing)


@promtool_there
def test_a_site_without_its_database_is_told_from_one_that_is_away(tmp_path: Path) -> None:
    up, alert = 'up{job="chirp",instance="one"}', "ChirpDatabaseIsAway"
    firing = {"exp_labels": {"severity": "page"}}
    run_promtool_test(tmp_path, {up: "1x30"}, alert, 1, firing)
    run_promtool_test(tmp_path, {up: "0x30"}, alert, 1, None)
    run_promtool_test(tmp_path, {up: "1x30", "chirp_outbox_owed_events": "0x30"}, alert, 1, None)


def run_promtool_test(
    folder: Path,
    series: dict[str, str],
    alert: str,
    minutes: int,
    firing: dict[str, Any] | None,
) -> None:
    """After `minutes` it fires, and a minute before it does not; with None it never does."""
    told = [firing] if firing else []
    if firing:
        rule = next(rule for rule in rules() if rule["alert"] == alert)
        told = [firing | {"exp_annotations": annotations(rule, series)}]
    cases = [
        {"eval_time": f"{minutes - 1}m", "alertname": alert, "exp_alerts": []},
        {"eval_time": f"{minutes}m", "alertname": alert, "exp_alerts": told},
    ]
    inputs = [{"series": name, "values": values} for name, values in series.items()]
    test = {"interval": "1m", "input_series": inputs, "alert_rule_test": cases}
    file = folder / "test.yml"
    file.write_text(yaml.safe_dump({"rule_files": [str(RULES)], "tests": [test]}))
    promtool("test", "rules", str(file))


def annotations(rule: dict[str, Any], series: dict[str, str]) -> dict[str, str]:
    """What the alert says: with the value and the instance filled in, as far as these cases go."""
    filled = {"{{ $value | humanizeDuration }}": "1m 11s", "{{ $labels.instance }}": "one"}
    said = dict(rule["annotations"])
    for hole, text in filled.items():
        said = {name: words.replace(hole, text) for name, words in said.items()}
    return said
