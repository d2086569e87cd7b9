"""E-mail addresses, forgotten passwords and second factors as JSON."""

from typing import Any

from allauth.mfa.models import Authenticator
from rest_framework import serializers

from accounts import validation
from accounts.factors import Factors
from api.presenters.people import EmailField
from api.request_fields import StrictCharField
from api.schema import ErrorSerializer
from chirp.times import rfc3339


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


class SecondStepSerializer(serializers.Serializer[Any]):
    """The second step of a sign-in."""

    challenge = StrictCharField(max_length=1000, help_text="From the answer to the first step.")
    code = StrictCharField(
        max_length=100, help_text="Of the authenticator app, or a recovery code."
    )


class SignInErrorSerializer(ErrorSerializer):
    """An error of a sign-in."""

    challenge = serializers.CharField(
        required=False,
        help_text="With the error `mfa_required`: for the second step, valid for ten minutes. With "
        "`deletion_pending`: for `POST /api/auth/keep`.",
    )
    delete_at = serializers.DateTimeField(
        required=False, help_text="With the error `deletion_pending`: when the account is deleted."
    )


class KeepSerializer(serializers.Serializer[Any]):
    """The decision to keep an account that is to be deleted."""

    challenge = StrictCharField(max_length=1000, help_text="From the answer to the sign-in.")


class FactorSerializer(serializers.Serializer[Any]):
    """A second factor."""

    id = serializers.CharField()
    name = serializers.CharField()
    created_at = serializers.DateTimeField()
    last_used_at = serializers.DateTimeField(allow_null=True)


class FactorsSerializer(serializers.Serializer[Any]):
    """The second factors of the account."""

    enabled = serializers.BooleanField(help_text="A sign-in by password needs a second step.")
    app = FactorSerializer(allow_null=True, help_text="The authenticator app.")
    passkeys = FactorSerializer(many=True)
    recovery_codes = serializers.IntegerField(min_value=0, help_text="Codes that are left.")


class AppSetupSerializer(serializers.Serializer[Any]):
    """An authenticator app that is being set up."""

    secret = serializers.CharField(help_text="In Base32, to be typed into the app.")
    uri = serializers.CharField(help_text="The same as an `otpauth:` address, for a QR code.")
    setup = serializers.CharField(help_text="To confirm the app with, within ten minutes.")


class AppConfirmationSerializer(serializers.Serializer[Any]):
    """The first code of an app."""

    setup = StrictCharField(max_length=1000, help_text="From the answer to the first request.")
    code = StrictCharField(max_length=100, help_text="The six digits that the app shows now.")


class RecoveryCodesSerializer(serializers.Serializer[Any]):
    """New recovery codes, which are not shown again."""

    recovery_codes = serializers.ListField(
        child=serializers.CharField(), help_text="Empty if the account has codes already."
    )


def represent_factors(found: Factors) -> dict[str, Any]:
    """The second factors of an account."""
    return {
        "enabled": found.is_on,
        "app": found.app and _factor(found.app),
        "passkeys": [_factor(passkey) for passkey in found.passkeys],
        "recovery_codes": found.recovery_codes,
    }


def _factor(factor: Authenticator) -> dict[str, Any]:
    return {
        "id": str(factor.pk),
        "name": str(factor),
        "created_at": rfc3339(factor.created_at),
        "last_used_at": factor.last_used_at and rfc3339(factor.last_used_at),
    }
