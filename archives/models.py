"""Imports of archives, what is left of them to do, and what came from them."""

from typing import ClassVar

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.db.models.functions import Now

KIND_LENGTH = 20
SOURCE_LENGTH = 200
FOREIGN_LENGTH = 200


class State(models.TextChoices):
    """How far an import is."""

    RUNNING = "running", "Running"
    DONE = "done", "Done"
    FAILED = "failed", "Failed"
    CANCELLED = "cancelled", "Cancelled"


class Import(models.Model):
    """An archive that an account has uploaded, and how far it is imported.

    Each step is one transaction, which counts `turn` on: whatever ends a step halfway, it is done
    again from the same point. `total` is None until the archive is read; then what is left are its
    records. `file` is where the archive is in the storage, until the import ends.
    """

    id = models.BigAutoField(primary_key=True)
    owner = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE, related_name="+")
    kind = models.CharField(max_length=KIND_LENGTH)
    state = models.CharField(max_length=10, choices=State.choices, default=State.RUNNING)
    file = models.CharField(max_length=100, blank=True, default="")
    name = models.CharField(max_length=100, blank=True, default="", help_text="Of the upload.")
    bytes = models.BigIntegerField(default=0)
    media_bytes = models.BigIntegerField(default=0, help_text="Of the files taken out of it.")
    turn = models.PositiveIntegerField(default=0)
    total = models.PositiveIntegerField(null=True)
    done = models.PositiveIntegerField(default=0)
    results = models.JSONField(default=dict, help_text="How many of what: see archives/wording.py.")
    problems = models.JSONField(default=list, help_text="The first ones, as sentences.")
    problems_count = models.PositiveIntegerField(default=0)
    error = models.CharField(max_length=300, blank=True, default="")
    created_at = models.DateTimeField(db_default=Now())
    changed_at = models.DateTimeField(db_default=Now())
    objects: ClassVar[models.Manager["Import"]] = models.Manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["owner"], condition=Q(state="running"), name="one_running_import"
            )
        ]
        indexes = [models.Index(fields=["owner", "-id"], name="import_of_owner")]

    def __str__(self) -> str:
        return f"Import {self.pk}"


class Record(models.Model):
    """Something in an archive that is not imported yet. Records are worked off in their order.

    `what` tells the kind of archive how to read `data`; `stage` is the same for all of one `what`.
    """

    id = models.BigAutoField(primary_key=True)
    of = models.ForeignKey(Import, models.CASCADE, related_name="records", db_index=False)
    what = models.CharField(max_length=20)
    stage = models.PositiveSmallIntegerField()
    position = models.BigIntegerField()
    data = models.JSONField()
    objects: ClassVar[models.Manager["Record"]] = models.Manager()

    class Meta:
        indexes = [models.Index(fields=["of", "stage", "position", "id"], name="record_order")]


class ImportedItem(models.Model):
    """What an account has imported once: `foreign_id` of `source` is this tweet here.

    It stays when the tweet is deleted, so that it does not come back with the next import.
    """

    id = models.BigAutoField(primary_key=True)
    owner = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.CASCADE, related_name="+", db_index=False
    )
    source = models.CharField(max_length=SOURCE_LENGTH)
    foreign_id = models.CharField(max_length=FOREIGN_LENGTH)
    tweet_id = models.BigIntegerField()
    objects: ClassVar[models.Manager["ImportedItem"]] = models.Manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["owner", "source", "foreign_id"], name="imported_once")
        ]


class Export(models.Model):
    """Everything that an account has, as one archive, and how far it is collected.

    Each step is one transaction, which counts `turn` on. `part` is the file of the archive that is
    being collected, and `after` the position in it. `done` counts the entries so far. `key` names
    the archive in the storage.
    """

    id = models.BigAutoField(primary_key=True)
    owner = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE, related_name="+")
    state = models.CharField(max_length=10, choices=State.choices, default=State.RUNNING)
    key = models.CharField(max_length=30)
    part = models.CharField(max_length=20, blank=True, default="")
    after = models.BigIntegerField(default=0)
    turn = models.PositiveIntegerField(default=0)
    done = models.PositiveIntegerField(default=0)
    bytes = models.BigIntegerField(default=0)
    failures = models.PositiveSmallIntegerField(default=0, help_text="Of its present step.")
    error = models.CharField(max_length=300, blank=True, default="")
    created_at = models.DateTimeField(db_default=Now())
    finished_at = models.DateTimeField(null=True)
    objects: ClassVar[models.Manager["Export"]] = models.Manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["owner"], condition=Q(state="running"), name="one_running_export"
            )
        ]
        indexes = [models.Index(fields=["owner", "-id"], name="export_of_owner")]

    def __str__(self) -> str:
        return f"Export {self.pk}"

    @property
    def path(self) -> str:
        """Where the archive is in the storage, once the export is done."""
        return f"exports/{self.key}.zip"


class ExportedLines(models.Model):
    """A batch of an export, until the archive is written."""

    id = models.BigAutoField(primary_key=True)
    of = models.ForeignKey(Export, models.CASCADE, related_name="lines")
    part = models.CharField(max_length=20)
    text = models.TextField()
    objects: ClassVar[models.Manager["ExportedLines"]] = models.Manager()
