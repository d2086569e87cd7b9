"""Side effects of imports: settings create no files, the web process loads no process manager."""

import os
import subprocess
import sys
from pathlib import Path

from runner.options import CHECKOUT

LOADED = "print(*sorted({name.partition('.')[0] for name in sys.modules}))"
WEB = "import sys, chirp.wsgi; from django.urls import get_resolver; get_resolver().url_patterns; "


def run(code: str, var: Path) -> str:
    """The output of Python code in a separate process, with `var` as VAR_DIR."""
    environment = {**os.environ, "VAR_DIR": str(var), "DJANGO_SETTINGS_MODULE": "chirp.settings"}
    environment.pop("SECRET_KEY", None)
    result = subprocess.run(
        [sys.executable, "-c", code], cwd=CHECKOUT, env=environment, capture_output=True, text=True
    )
    assert result.returncode == 0, result.stderr
    return result.stdout.strip()


def test_importing_settings_creates_no_files(tmp_path: Path) -> None:
    var = tmp_path / "var"
    run("from django.conf import settings; settings.DATABASES", var)
    assert not var.exists()


def test_the_secret_key_is_created_at_first_use_and_stored(tmp_path: Path) -> None:
    code = "from django.conf import settings; print(settings.SECRET_KEY)"
    first = run(code, tmp_path / "var")
    assert len(first) >= 50
    assert run(code, tmp_path / "var") == first


def test_the_web_process_does_not_load_the_process_manager(tmp_path: Path) -> None:
    loaded = run(WEB + LOADED, tmp_path / "var").split()
    assert {"web", "api", "operations"} <= set(loaded)
    assert not {"runner", "supervisor", "tests", "tools"} & set(loaded)
