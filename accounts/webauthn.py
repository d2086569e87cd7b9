"""What sites and authenticators say to each other about passkeys (WebAuthn), by fido2.

Nothing here reads or writes the database. A ceremony begins with options for the browser and a
state that the site keeps; it ends with the browser's answer, as JSON.
"""

import json
from dataclasses import dataclass
from typing import Any

from cryptography.exceptions import InvalidSignature
from fido2.cose import CoseKey
from fido2.server import Fido2Server
from fido2.utils import websafe_encode
from fido2.webauthn import (
    AttestedCredentialData,
    AuthenticationResponse,
    PublicKeyCredentialRpEntity,
    PublicKeyCredentialUserEntity,
    RegistrationResponse,
    ResidentKeyRequirement,
    UserVerificationRequirement,
)

from chirp import errors, hooks
from chirp.errors import ChirpError
from chirp.texts import text as _

LONGEST = 20_000  # characters of an answer; those of real authenticators have some hundreds
CREDENTIAL_ID_BYTES = 1023  # at most, says the standard


class BadAnswer(ChirpError):
    """The browser sent nothing, or nothing that is a passkey."""

    code = "bad_passkey"
    message = _(
        "Your browser sent no valid passkey. Passkeys need JavaScript, and a recent browser."
    )


class WrongPasskey(ChirpError):
    """The passkey is not one of the account, or was not made for this moment and site."""

    kind = errors.Kind.UNAUTHENTICATED
    code = "wrong_passkey"
    message = _("This passkey is not known here. Was it removed?")


@dataclass(frozen=True, slots=True)
class Site:
    """The site as browsers bind passkeys to it: its host name, and the origin of its pages."""

    host: str
    origin: str


@dataclass(frozen=True, slots=True)
class Ceremony:
    """Options for `navigator.credentials`, and the state to check the answer with; both JSON."""

    options: dict[str, Any]
    state: dict[str, Any]


@dataclass(frozen=True, slots=True)
class NewPasskey:
    """A passkey that an authenticator made. `credential` is as allauth keeps it."""

    id: str
    credential: dict[str, Any]
    counter: int


def creation(
    site: Site, *, user_id: int, handle: str, name: str, known: list[AttestedCredentialData]
) -> Ceremony:
    """Begin to make a passkey for an account, on an authenticator that has none of `known`."""
    options, state = _server(site).register_begin(
        user=PublicKeyCredentialUserEntity(
            id=str(user_id).encode(), name=handle, display_name=name
        ),
        credentials=known,
        # Preferred: a security key that can do neither is still of use as a second step.
        resident_key_requirement=ResidentKeyRequirement.PREFERRED,
        user_verification=UserVerificationRequirement.PREFERRED,
        extensions={"credProps": True},
    )
    return Ceremony(dict(options.public_key), state)


def request(site: Site, *, known: list[AttestedCredentialData], verify: bool) -> Ceremony:
    """Begin to prove that one has one of the `known` passkeys, or any if there are none.

    With `verify`, the authenticator has to check that it is its owner, by a PIN or a finger.
    """
    wanted = UserVerificationRequirement.REQUIRED if verify else None
    options, state = _server(site).authenticate_begin(
        credentials=known or None,
        user_verification=wanted or UserVerificationRequirement.PREFERRED,
    )
    return Ceremony(dict(options.public_key), state)


def created(site: Site, state: dict[str, Any], answer: str) -> NewPasskey:
    """Return the passkey that an answer is about. Raises BadAnswer."""
    response: RegistrationResponse = _parsed(RegistrationResponse, answer)
    try:
        data = _server(site).register_complete(state, response)
    except (ValueError, AssertionError):  # the latter if it holds no key
        raise BadAnswer from None
    made = data.credential_data
    if made is None or len(made.credential_id) > CREDENTIAL_ID_BYTES or not _works(made.public_key):
        raise BadAnswer
    id_ = websafe_encode(made.credential_id)
    if id_ != response.id:
        raise BadAnswer
    credential = {
        "id": id_,
        "rawId": id_,
        "type": "public-key",
        "response": {
            "clientDataJSON": response.response.client_data.b64,
            "attestationObject": websafe_encode(response.response.attestation_object),
        },
        "clientExtensionResults": _properties(response),
    }
    return NewPasskey(id_, credential, data.counter)


def parse(answer: str) -> AuthenticationResponse:
    """Return the answer that proves something, unchecked. Raises BadAnswer."""
    response: AuthenticationResponse = _parsed(AuthenticationResponse, answer)
    return response


def check(
    site: Site, state: dict[str, Any], given: AuthenticationResponse, key: AttestedCredentialData
) -> int:
    """Check an answer, and return how often the authenticator signed. Raises WrongPasskey."""
    try:
        _server(site).authenticate_complete(state, [key], given)
    except ValueError:
        raise WrongPasskey from None
    return int(given.response.authenticator_data.counter)


def _server(site: Site) -> Fido2Server:
    party = PublicKeyCredentialRpEntity(name=hooks.ask("site.name"), id=site.host)
    # Exactly this origin: fido2 by itself would accept pages of all subdomains and ports.
    return Fido2Server(party, verify_origin=lambda origin: origin == site.origin)


def _parsed(kind: Any, answer: str) -> Any:
    try:
        found = kind.from_dict(json.loads(answer[: LONGEST + 1]))
    except Exception:  # fido2 raises whatever its parsers of JSON, CBOR and keys happen to raise
        raise BadAnswer from None
    if not _is_whole(found):
        raise BadAnswer
    return found


def _is_whole(found: Any) -> bool:
    """Whether all parts are there that must be: fido2 passes null on."""
    response = found and found.raw_id and found.response
    return bool(response) and all(
        value is not None for name, value in vars(response).items() if name != "user_handle"
    )


def _properties(response: RegistrationResponse) -> dict[str, Any]:
    """What the browser says of a passkey, if it does: whether a sign-in finds it by itself."""
    properties = response.client_extension_results.get("credProps")
    resident = properties.get("rk") if isinstance(properties, dict) else None
    return {"credProps": {"rk": resident}} if isinstance(resident, bool) else {}


def _works(key: CoseKey) -> bool:
    """Whether signatures can be checked with a key: its algorithm is known, no part is missing."""
    try:
        key.verify(b"", b"")
    except InvalidSignature:
        return True
    except Exception:  # as above
        return False
    return False
