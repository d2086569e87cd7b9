"""A real server with the API of S3, for tests of the storage."""

import json
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

import pytest
import requests

from chirp import storage_urls
from tests.helpers.ports import free_ports

WEED = Path(sys.executable).with_name("weed")
SECRETS = {"accessKey": "chirp", "secretKey": "not/a+secret"}
IDENTITY = {"name": "chirp", "credentials": [SECRETS], "actions": ["Admin", "Read", "Write"]}
SECONDS = 60.0


@pytest.fixture(scope="session")
def bucket_url(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The URL of an empty bucket in a SeaweedFS of this run."""
    if not WEED.exists():
        pytest.skip("NOT RUN: there is no SeaweedFS (requirements-dev.txt)")
    place = tmp_path_factory.mktemp("weed")
    config = place / "s3.json"
    config.write_text(json.dumps({"identities": [IDENTITY]}))
    s3, master, volume, filer = free_ports(4)
    command = [
        *(str(WEED), "server", "-s3", f"-s3.port={s3}", f"-s3.config={config}", f"-dir={place}"),
        *(f"-master.port={master}", f"-volume.port={volume}", f"-filer.port={filer}"),
        *("-ip=127.0.0.1", "-ip.bind=127.0.0.1", "-volume.max=5", "-master.volumeSizeLimitMB=64"),
        # Of no use here, and another server may have their ports.
        *("-s3.port.iceberg=0", "-s3.port.lance=0", "-master.telemetry=false"),
    ]
    with (place / "log").open("wb") as log:
        server = subprocess.Popen(command, stdout=log, stderr=log)
    try:
        url = f"s3+http://chirp:not%2Fa%2Bsecret@127.0.0.1:{s3}/media"
        _create_bucket(url, place / "log")
        yield url
    finally:
        server.kill()
        server.wait()


def _create_bucket(url: str, log: Path) -> None:
    """Wait until the server answers, and create the bucket."""
    import boto3

    options = storage_urls.storage(url)["OPTIONS"]
    client = boto3.client(
        "s3",
        endpoint_url=options["endpoint_url"],
        aws_access_key_id=options["access_key"],
        aws_secret_access_key=options["secret_key"],
        region_name=options["region_name"],
        config=options["client_config"],
    )
    deadline = time.monotonic() + SECONDS
    while True:
        with suppress(Exception):
            requests.get(options["endpoint_url"], timeout=1)
            client.create_bucket(Bucket="media")
            return
        assert time.monotonic() < deadline, log.read_text()
        time.sleep(0.1)
