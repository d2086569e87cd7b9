"""Programs that measure streams, and look whether they miss anything: docs/streams.md."""
