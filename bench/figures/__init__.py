"""A module for each group of figures: `measure(bench)` returns its rows."""
