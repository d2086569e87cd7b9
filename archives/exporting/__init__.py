"""Everything that an account has, as one archive: docs/archives.md."""
