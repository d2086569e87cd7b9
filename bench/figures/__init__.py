"""One module for each group of figures: `measure(bench)` gives its rows."""
