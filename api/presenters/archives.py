"""Imports of archives as JSON, and their serializers."""

from typing import Any

from rest_framework import serializers

from api.request_fields import StrictCharField, UploadedFileField
from archives.exporting.services import KEPT
from archives.models import Export, Import, State
from archives.registry import AUTO, BY_NAME
from archives.wording import RESULTS
from chirp.times import rfc3339

Json = dict[str, Any]


def represent(row: Import) -> Json:
    """The JSON of an import."""
    return {
        "id": str(row.pk),
        "kind": row.kind,
        "state": row.state,
        "done": row.done,
        "total": row.total,
        "results": row.results,
        "problems": row.problems,
        "problems_count": row.problems_count,
        "error": row.error or None,
        "created_at": rfc3339(row.created_at),
        "changed_at": rfc3339(row.changed_at),
    }


class ImportSerializer(serializers.Serializer[Any]):
    """An import of an archive."""

    id = serializers.CharField()
    kind = serializers.CharField(help_text="What kind of archive it is.")
    state = serializers.ChoiceField(State.choices)
    done = serializers.IntegerField(help_text="How many of the entries are done.")
    total = serializers.IntegerField(
        allow_null=True, help_text="How many entries there are; null until the archive is read."
    )
    results = serializers.DictField(
        child=serializers.IntegerField(),
        help_text="How many of what: " + "; ".join(f"`{k}`: {v}" for k, v in RESULTS.items()) + ".",
    )
    problems = serializers.ListField(
        child=serializers.CharField(),
        help_text="What could not be imported, as sentences: the first 200.",
    )
    problems_count = serializers.IntegerField(help_text="How many problems there are.")
    error = serializers.CharField(allow_null=True, help_text="Why it ended early.")
    created_at = serializers.DateTimeField()
    changed_at = serializers.DateTimeField(help_text="When it last went on.")


class ImportsSerializer(serializers.Serializer[Any]):
    """The latest imports."""

    results = ImportSerializer(many=True)


class NewImportSerializer(serializers.Serializer[Any]):
    """An archive to import."""

    file = UploadedFileField(
        allow_empty_file=True, max_length=None, help_text="The archive, as it was downloaded."
    )
    kind = StrictCharField(
        required=False,
        max_length=20,
        help_text=f"What it is: {', '.join(f'`{name}`' for name in BY_NAME)}. With `{AUTO}`, the "
        "default, the content decides.",
    )


def represent_export(row: Export) -> Json:
    """The JSON of an export."""
    return {
        "id": str(row.pk),
        "state": row.state,
        "done": row.done,
        "bytes": row.bytes,
        "error": row.error or None,
        "created_at": rfc3339(row.created_at),
        "finished_at": row.finished_at and rfc3339(row.finished_at),
        "kept_until": row.finished_at and rfc3339(row.finished_at + KEPT),
    }


class ExportSerializer(serializers.Serializer[Any]):
    """An export of everything that an account has."""

    id = serializers.CharField()
    state = serializers.ChoiceField(State.choices)
    done = serializers.IntegerField(help_text="How many entries are collected.")
    bytes = serializers.IntegerField(help_text="The size of the archive; 0 until it is done.")
    error = serializers.CharField(allow_null=True, help_text="Why it has failed.")
    created_at = serializers.DateTimeField()
    finished_at = serializers.DateTimeField(allow_null=True)
    kept_until = serializers.DateTimeField(
        allow_null=True, help_text="Until then it can be downloaded."
    )
