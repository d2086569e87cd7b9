"""What `/metrics` says."""

from prometheus_client.parser import text_string_to_metric_families

from chirp.observability import metrics


def value(name: str, **labels: str) -> float:
    """What `/metrics` says now; 0 for what it does not know."""
    for family in text_string_to_metric_families(metrics.exposition().decode()):
        for sample in family.samples:
            if sample.name == name and sample.labels == labels:
                return float(sample.value)
    return 0.0
