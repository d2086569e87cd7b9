"""The parts of the model test: what can happen to timelines, and what must hold."""
