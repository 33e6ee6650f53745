"""Passwords that are kept as hashes, and tokens that are valid wherever their key is known."""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
import secrets
from dataclasses import dataclass
from functools import lru_cache

SCRYPT_N, SCRYPT_R, SCRYPT_P = 2**12, 8, 1
ACCESS_LIFE_S = 3600
REFRESH_LIFE_S = 7 * 24 * 3600
TOKENS_KEPT = 1024


class InvalidToken(Exception):
    """The token was not made with this key, is not of this kind, or is too old."""


def hash_password(password: str) -> str:
    """A salted hash that can be kept."""
    salt = secrets.token_bytes(16)
    return f"{salt.hex()}:{_scrypt(password, salt).hex()}"


def verify_password(password: str, kept: str) -> bool:
    """Whether this is the password that was hashed."""
    salt, _, digest = kept.partition(":")
    return hmac.compare_digest(_scrypt(password, bytes.fromhex(salt)).hex(), digest)


@dataclass(frozen=True)
class Tokens:
    """Makes and reads tokens (JSON Web Tokens, HS256)."""

    key: bytes

    def make(self, user_id: str, *, kind: str, now_s: float) -> str:
        """A token of a kind (``access`` or ``refresh``) for a user."""
        life_s = ACCESS_LIFE_S if kind == "access" else REFRESH_LIFE_S
        claims = {"sub": user_id, "type": kind, "exp": int(now_s + life_s)}
        signed = f"{_encode({'alg': 'HS256', 'typ': 'JWT'})}.{_encode(claims)}"
        return f"{signed}.{self._sign(signed)}"

    def read(self, token: str, *, now_s: float) -> str:
        """The user an access token was made for, or :class:`InvalidToken`."""
        claims = _verified(self.key, token)
        if claims.get("type") != "access" or float(str(claims.get("exp", 0))) <= now_s:
            raise InvalidToken
        return str(claims["sub"])

    def _sign(self, signed: str) -> str:
        return _signature(self.key, signed)


@lru_cache(maxsize=TOKENS_KEPT)
def _verified(key: bytes, token: str) -> dict[str, object]:
    """What a token says that this key signed: that never changes, so it is computed once."""
    signed, _, signature = token.rpartition(".")
    if not hmac.compare_digest(_signature(key, signed).encode(), signature.encode()):
        raise InvalidToken
    return _decode(signed.rpartition(".")[2])


def _signature(key: bytes, signed: str) -> str:
    digest = hmac.new(key, signed.encode(), hashlib.sha256).digest()
    return base64.urlsafe_b64encode(digest).rstrip(b"=").decode()


def _scrypt(password: str, salt: bytes) -> bytes:
    return hashlib.scrypt(password.encode(), salt=salt, n=SCRYPT_N, r=SCRYPT_R, p=SCRYPT_P)


def _encode(value: dict[str, object]) -> str:
    text = json.dumps(value, separators=(",", ":")).encode()
    return base64.urlsafe_b64encode(text).rstrip(b"=").decode()


def _decode(part: str) -> dict[str, object]:
    padded = part + "=" * (-len(part) % 4)
    claims: dict[str, object] = json.loads(base64.urlsafe_b64decode(padded))
    return claims
