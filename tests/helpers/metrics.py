"""Values of metrics for tests."""

from chirp.observability import metrics


def value(name: str, **labels: str) -> float:
    """The current value of a metric, summed over all processes; 0 if it is absent.

    It reads no more than the metrics of that kind: tests that have asked for every route leave tens
    of thousands of histograms' values, which take seconds to read.
    """
    declared = metrics.DECLARED.get(name)
    if declared is not None and declared.read is not None:
        return metrics.gauges().get(name, 0.0)
    kind = "counter" if name.endswith("_total") else "histogram"
    for metric in metrics.counted(kind=kind):
        for sample in metric.samples:
            if sample.name == name and sample.labels == labels:
                return float(sample.value)
    return 0.0
