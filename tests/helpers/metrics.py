"""Values of metrics for tests."""

from prometheus_client.parser import text_string_to_metric_families

from chirp.observability import metrics


def value(name: str, **labels: str) -> float:
    """The current value of a metric in `/metrics`; 0 if it is absent."""
    for family in text_string_to_metric_families(metrics.exposition().decode()):
        for sample in family.samples:
            if sample.name == name and sample.labels == labels:
                return float(sample.value)
    return 0.0
