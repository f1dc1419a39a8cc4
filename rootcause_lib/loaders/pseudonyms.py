"""Keyed pseudonyms: HMAC-SHA256 of an id and its kind, the same for the same key, made inside the engine."""

from __future__ import annotations

import hashlib
import hmac
import os
import secrets
import sys
from dataclasses import dataclass, field
from pathlib import Path

from rootcause_lib.engagement import Engagement
from rootcause_lib.errors import DataError, EngagementError
from rootcause_lib.loaders.intake import KeySource
from rootcause_lib.loaders.session import Session, scratch

DIGITS = 20
"""Hexadecimal digits kept: eighty bits, so that two of ten million ids share one with a chance below 1 in 10^10."""

_BLOCK = 64
_SHORTEST_KEY = 16


@dataclass(frozen=True, slots=True)
class Key:
    """The secret of the pseudonyms and where it came from."""

    secret: bytes = field(repr=False)
    source: KeySource

    @property
    def pads(self) -> tuple[bytes, bytes]:
        """The inner and the outer pad of HMAC (RFC 2104)."""
        key = hashlib.sha256(self.secret).digest() if len(self.secret) > _BLOCK else self.secret
        block = key.ljust(_BLOCK, b"\0")
        return bytes(byte ^ 0x36 for byte in block), bytes(byte ^ 0x5C for byte in block)


def find_key(engagement: Engagement) -> Key:
    """The key from the environment, else from the engagement's or the user's key file, which is made when missing.

    Raises EngagementError for a key that is too short or a file that can't be used.
    """
    return _given(engagement) or Key(_made(_key_path(engagement)), "made")


def known_key(engagement: Engagement) -> Key:
    """The key that is there already; EngagementError where there is none, for a new one fits no older pseudonym."""
    key = _given(engagement)
    if key is None:
        raise EngagementError(
            f"There is no key of pseudonyms: set the environment variable {engagement.privacy.key_env} to the key the "
            f"pseudonyms were made with, or put it into {_key_path(engagement)}."
        )
    return key


def _given(engagement: Engagement) -> Key | None:
    name = engagement.privacy.key_env
    if given := os.environ.get(name):
        return Key(_checked(given.encode(), f"The environment variable {name}"), "environment")
    path = _key_path(engagement)
    return Key(_checked(_read(path), str(path)), "file") if path.exists() else None


def _key_path(engagement: Engagement) -> Path:
    return engagement.key_file or user_folder() / "pseudonym.key"


def user_folder() -> Path:
    """The user's configuration folder for this package: XDG_CONFIG_HOME where set, else the platform's."""
    if given := os.environ.get("XDG_CONFIG_HOME"):
        return Path(given) / "rootcause"
    if sys.platform == "win32":
        return Path(os.environ.get("APPDATA", str(Path.home() / "AppData" / "Roaming"))) / "rootcause"
    if sys.platform == "darwin":
        return Path.home() / "Library" / "Application Support" / "rootcause"
    return Path.home() / ".config" / "rootcause"


def pseudonym(value: str, *, key: Key, kind: str = "customer") -> str:
    """The pseudonym of one id; `kind` (customer, agent, coder, identity) keeps equal ids of different things apart."""
    return hmac.new(key.secret, f"{kind}:{value}".encode(), hashlib.sha256).hexdigest()[:DIGITS]


def make_pseudonyms(session: Session, ids: str, *, kind: str, key: Key, into: str) -> None:
    """A scratch table (id, pseudonym, number) of every id that the query `ids` gives; numbers from 1 by pseudonym."""
    inner, outer = key.pads
    about = f"making the pseudonyms of {kind}s"
    # Neither compresses, and trying to costs more than writing them.
    session.run(
        f"create table {scratch(into)} (id varchar using compression uncompressed, "
        "pseudonym varchar using compression uncompressed, number bigint)",
        about=about,
    )
    session.run(
        f"insert into {scratch(into)} select id, pseudonym, row_number() over () as number "
        f"from (select id, left(sha256($outer || unhex(sha256($inner || encode($kind || ':' || id)))), {DIGITS}) "
        "as pseudonym "
        f"from (select distinct id from ({ids}) where id is not null) order by pseudonym, id)",
        values={"inner": inner, "outer": outer, "kind": kind},
        about=about,
    )
    shared = session.row(f"select count(*) - count(distinct pseudonym) from {scratch(into)}", about=about)[0]
    if shared:
        raise DataError(f"{shared} {kind} ids share a pseudonym. Set another key and load again.")


def _checked(secret: bytes, where: str) -> bytes:
    secret = secret.strip()
    if len(secret) < _SHORTEST_KEY:
        raise EngagementError(
            f"{where} holds a key of {len(secret)} characters; at least {_SHORTEST_KEY} are needed. "
            'Make one with: python -c "import secrets; print(secrets.token_hex(32))"'
        )
    return secret


def _read(path: Path) -> bytes:
    try:
        return path.read_bytes()
    except OSError:
        raise EngagementError(f"The key file {path} can't be read. It must be a file its owner can read.") from None


def _made(path: Path) -> bytes:
    secret = secrets.token_hex(32).encode()
    try:
        path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    except FileExistsError:
        # Somebody else made it a moment ago.
        return _checked(_read(path), str(path))
    except OSError:
        raise EngagementError(
            f"No key for pseudonyms: {path} can't be made. Set the key in the environment ([privacy] key_env) instead."
        ) from None
    with os.fdopen(handle, "wb") as file:
        file.write(secret + b"\n")
    return secret
