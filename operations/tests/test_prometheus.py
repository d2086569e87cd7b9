"""The configuration, rules and metrics for Prometheus: consistent, and accepted by promtool."""

import json
import re
import shutil
import subprocess
from contextlib import ExitStack, suppress
from pathlib import Path
from typing import Any

import pytest
import requests
import yaml
from django.conf import settings

from chirp.observability import metrics
from runner.options import CHECKOUT
from tests.helpers.ports import free_port
from tests.helpers.processes import process, wait_until

DEPLOY = CHECKOUT / "deploy"
RULES = DEPLOY / "alerts.yml"
PAGE = (CHECKOUT / "docs" / "metrics.md").read_text(encoding="utf-8")
# The name of a metric, without what Prometheus adds to those of histograms.
NAME = re.compile(r"\b(chirp_\w+?)(?:_count|_sum|_bucket)?\b")
PROMTOOL, PROMETHEUS = shutil.which("promtool"), shutil.which("prometheus")
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
        named = set(NAME.findall(rule["expr"]))
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
    "chirp_tweets_partition_days": ("371x30", "ChirpPartitionIsMissing"),
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


REQUESTS, BAD = "chirp_http_request_seconds_count", "chirp_http_requests_failed_total"
FANOUTS = "chirp_timeline_delivery_seconds_%s"


@needs_promtool
@pytest.mark.parametrize(
    ("alert", "series", "share", "fires"),
    [
        ("ChirpRequestsFailFast", (BAD, REQUESTS), 0.02, True),
        ("ChirpRequestsFailFast", (BAD, REQUESTS), 0.01, False),
        ("ChirpRequestsFail", (BAD, REQUESTS), 0.01, True),
        ("ChirpPostsArriveLate", (FANOUTS % "count", FANOUTS % 'bucket{le="5.0"}'), 0.2, True),
        ("ChirpPostsArriveLate", (FANOUTS % "count", FANOUTS % 'bucket{le="5.0"}'), 0.1, False),
    ],
)
def test_an_alert_fires_if_a_service_level_is_used_up_too_fast(
    alert: str, series: tuple[str, str], share: float, fires: bool, tmp_path: Path
) -> None:
    rule = next(rule for rule in rules() if rule["alert"] == alert)
    bad, good = round(1000 * share), round(1000 * (1 - share))
    rates = (1000, good) if "Late" in alert else (bad, 1000)
    inputs = {name: f"0+{rate}x300" for name, rate in zip(series, rates, strict=True)}
    firing = {"exp_labels": {"severity": rule["labels"]["severity"]}} if fires else None
    # There is a rate from the second sample on, after a minute.
    minutes = 1 + int(rule["for"].removesuffix("m"))
    run_promtool_test(tmp_path, inputs, alert, minutes, firing, share=f"{share:.0%}")


def queries() -> list[str]:
    """The queries of the dashboard."""
    dashboard = json.loads((DEPLOY / "grafana.json").read_text())
    panels = [panel for panel in dashboard["panels"] if panel["type"] != "row"]
    assert all(panel["description"] for panel in panels)
    return [target["expr"] for panel in panels for target in panel["targets"]]


def test_the_dashboard_shows_declared_metrics() -> None:
    for query in queries():
        assert set(NAME.findall(query)) <= set(metrics.DECLARED), query


# A process with few metrics of its own. Those of the tests of all routes take longer to send than
# Prometheus waits, and after a scrape that has failed it answers that there is nothing.
EXPORTER = """
import sys, threading
import django
django.setup()
from chirp.observability import metrics, metrics_server
for status in (200, 503):
    metrics.saw_request(
        method="GET", route="/api/timelines/home", status=status, seconds=0.1, queries=2
    )
metrics_server.start(port=int(sys.argv[1]))
threading.Event().wait()
"""


@pytest.mark.slow
@pytest.mark.django_db
@pytest.mark.skipif(
    PROMETHEUS is None, reason="prometheus is not installed, so the queries DID NOT RUN"
)
def test_prometheus_answers_every_query_of_the_dashboard(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, redis: None
) -> None:
    monkeypatch.setenv("REDIS_URL", settings.REDIS_URL)
    monkeypatch.setenv("VAR_DIR", str(tmp_path / "var"))
    exporter, port = free_port(), free_port()
    target = f"127.0.0.1:{exporter}"
    scrape = {"job_name": "chirp", "static_configs": [{"targets": [target]}]}
    config = {"global": {"scrape_interval": "2s"}, "scrape_configs": [scrape]}
    tmp_path.joinpath("prometheus.yml").write_text(yaml.safe_dump(config))
    command = [
        PROMETHEUS or "",
        f"--config.file={tmp_path / 'prometheus.yml'}",
        f"--storage.tsdb.path={tmp_path / 'data'}",
        f"--web.listen-address=127.0.0.1:{port}",
    ]
    with ExitStack() as stack:
        stack.enter_context(process(tmp_path / "exporter", "-c", EXPORTER, str(exporter)))
        log = stack.enter_context((tmp_path / "log").open("wb"))
        running = stack.enter_context(subprocess.Popen(command, stdout=log, stderr=log))
        stack.callback(running.terminate)

        def ask(query: str) -> list[Any]:
            answer = requests.get(
                f"http://127.0.0.1:{port}/api/v1/query", params={"query": query}, timeout=10
            )
            answer.raise_for_status()
            found: list[Any] = answer.json()["data"]["result"]
            return found

        def scraped() -> bool:
            with suppress(requests.RequestException):  # it has just started
                return bool(ask("rate(chirp_http_request_seconds_count[1m])"))
            return False

        wait_until(scraped, tmp_path / "log")
        there = requests.get(f"http://{target}/metrics", timeout=10).text
        for query in queries():
            asked = query.replace("$__rate_interval", "1m")
            found = ask(asked)
            # A gauge may be missing in a single scrape, when its server was busy.
            if not found and all(f"\n{name}" in there for name in NAME.findall(query)):
                wait_until(lambda asked=asked: bool(ask(asked)), tmp_path / "log")  # type: ignore[misc]


def run_promtool_test(
    folder: Path,
    series: dict[str, str],
    alert: str,
    minutes: int,
    firing: dict[str, Any] | None,
    share: str = "",
) -> None:
    """Assert that the alert fires after `minutes` and not before; with None, that it never does."""
    expected = [firing] if firing else []
    if firing:
        rule = next(rule for rule in rules() if rule["alert"] == alert)
        expected = [firing | {"exp_annotations": annotations(rule, share)}]
    cases = [
        {"eval_time": f"{minutes - 1}m", "alertname": alert, "exp_alerts": []},
        {"eval_time": f"{minutes}m", "alertname": alert, "exp_alerts": expected},
    ]
    inputs = [{"series": name, "values": values} for name, values in series.items()]
    test = {"interval": "1m", "input_series": inputs, "alert_rule_test": cases}
    file = folder / "test.yml"
    file.write_text(yaml.safe_dump({"rule_files": [str(RULES)], "tests": [test]}))
    promtool("test", "rules", str(file))


def annotations(rule: dict[str, Any], share: str) -> dict[str, str]:
    """The annotations of a rule, with the values of these test cases filled in."""
    values = {
        "{{ $value | humanizeDuration }}": "1m 11s",
        "{{ $value | humanizePercentage }}": share,
        "{{ $labels.instance }}": "one",
    }
    found = dict(rule["annotations"])
    for placeholder, value in values.items():
        found = {name: text.replace(placeholder, value) for name, text in found.items()}
    return found
