"""E-mail addresses, forgotten passwords and second factors as JSON."""

from typing import Any

from rest_framework import serializers

from accounts import validation
from api.presenters.people import EmailField
from api.request_fields import StrictCharField


class EmailStateSerializer(serializers.Serializer[Any]):
    """The e-mail address of the account."""

    email = serializers.CharField()
    verified = serializers.BooleanField(help_text="Its owner confirmed it.")
    pending = serializers.CharField(
        allow_null=True, help_text="The address that replaces it when it is confirmed."
    )


class EmailChangeSerializer(serializers.Serializer[Any]):
    """A new e-mail address, and the password of the account."""

    email = EmailField()
    password = StrictCharField(max_length=validation.PASSWORD_LENGTH)


class CodeSerializer(serializers.Serializer[Any]):
    """The code of an e-mail."""

    code = StrictCharField(max_length=100)


class LoginSerializer(serializers.Serializer[Any]):
    """An account."""

    login = StrictCharField(
        max_length=validation.EMAIL_LENGTH, help_text="Handle or e-mail address."
    )


class NewPasswordSerializer(serializers.Serializer[Any]):
    """A new password, with the `token` of the link that was sent."""

    token = StrictCharField(max_length=1000)
    password = StrictCharField(max_length=validation.PASSWORD_LENGTH)
