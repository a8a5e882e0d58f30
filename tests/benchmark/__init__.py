"""Benchmark: the cost of delivering, beside Home Assistant's own exporter and the least that batching can cost."""
