"""What delivering costs: ours beside Home Assistant's own exporter, and beside the least that batching can cost."""
