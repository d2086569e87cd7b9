"""The configuration, rules and metrics for Prometheus: consistent, and accepted by promtool."""

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
needs_promtool = pytest.mark.skipif(
    PROMTOOL is None,
    reason="promtool is not installed, so its checks of metrics and rules DID NOT RUN",
)


def rules() -> list[dict[str, Any]]:
    (group,) = yaml.safe_load(RULES.read_text())["groups"]
    found: list[dict[str, Any]] = group["rules"]
    return found


def promtool(*arguments: str, given: bytes = b"") -> None:
    """Run promtool, and assert that it succeeds."""
    command = [PROMTOOL or "", *arguments]
    run = subprocess.run(command, input=given, capture_output=True, cwd=DEPLOY, check=False)
    assert run.returncode == 0, (run.stdout + run.stderr).decode()


def test_rules_refer_to_declared_metrics() -> None:
    for rule in rules():
        named = set(re.findall(r"chirp_\w+", rule["expr"]))
        assert named <= set(metrics.DECLARED), rule["alert"]
        assert named or "up{" in rule["expr"]


def test_the_documented_alerts_are_the_defined_ones() -> None:
    documented = re.findall(r"^\| `(Chirp\w+)` \|", PAGE, re.MULTILINE)
    assert documented == [rule["alert"] for rule in rules()]
    assert {rule["labels"]["severity"] for rule in rules()} == {"page", "look"}


def test_the_configuration_loads_the_rules_and_scrapes_the_site() -> None:
    found = yaml.safe_load((DEPLOY / "prometheus.yml").read_text())
    assert [DEPLOY / name for name in found["rule_files"]] == [RULES]
    (job,) = found["scrape_configs"]
    assert job["job_name"] == "chirp", "the rules refer to this name"
    assert "METRICS_TOKEN" in job["authorization"]["credentials"]


@needs_promtool
def test_promtool_accepts_configuration_and_rules() -> None:
    promtool("check", "config", "prometheus.yml")
    promtool("check", "rules", "alerts.yml")


@needs_promtool
@pytest.mark.django_db
def test_promtool_accepts_the_metrics() -> None:
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


@needs_promtool
@pytest.mark.parametrize("series", SERIES)
def test_an_alert_fires_at_its_time_and_not_before(series: str, tmp_path: Path) -> None:
    values, alert = SERIES[series]
    rule = next(rule for rule in rules() if rule["alert"] == alert)
    minutes = int(rule["for"].removesuffix("m"))
    firing = {"exp_labels": {"severity": rule["labels"]["severity"]}}
    if series.startswith("up"):
        firing["exp_labels"] |= {"job": "chirp", "instance": "one"}
    run_promtool_test(tmp_path, {series: values}, alert, minutes, firing)


@needs_promtool
def test_a_site_without_its_database_has_another_alert_than_one_that_is_down(
    tmp_path: Path,
) -> None:
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
    """Assert that the alert fires after `minutes` and not before; with None, that it never does."""
    expected = [firing] if firing else []
    if firing:
        rule = next(rule for rule in rules() if rule["alert"] == alert)
        expected = [firing | {"exp_annotations": annotations(rule, series)}]
    cases = [
        {"eval_time": f"{minutes - 1}m", "alertname": alert, "exp_alerts": []},
        {"eval_time": f"{minutes}m", "alertname": alert, "exp_alerts": expected},
    ]
    inputs = [{"series": name, "values": values} for name, values in series.items()]
    test = {"interval": "1m", "input_series": inputs, "alert_rule_test": cases}
    file = folder / "test.yml"
    file.write_text(yaml.safe_dump({"rule_files": [str(RULES)], "tests": [test]}))
    promtool("test", "rules", str(file))


def annotations(rule: dict[str, Any], series: dict[str, str]) -> dict[str, str]:
    """The annotations of a rule, with the values of these test cases filled in."""
    values = {"{{ $value | humanizeDuration }}": "1m 11s", "{{ $labels.instance }}": "one"}
    found = dict(rule["annotations"])
    for placeholder, value in values.items():
        found = {name: text.replace(placeholder, value) for name, text in found.items()}
    return found
