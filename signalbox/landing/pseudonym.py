"""Keyed hash of personal values, computed inside DuckDB so that nothing in plain is stored.

Belongs here: the home's key and the SQL of HMAC-SHA256 (RFC 2104). Not here: which columns are personal (contracts).
"""

from __future__ import annotations

import hashlib
import hmac
import os
import secrets
from typing import TYPE_CHECKING

from signalbox.errors import SignalboxError
from signalbox.settings import Settings

if TYPE_CHECKING:
    import duckdb

KEY_VARIABLE = "SIGNALBOX_PSEUDONYM_KEY"
_BLOCK_BYTES = 64


def load_key(settings: Settings) -> bytes:
    """The home's key: the environment's, else ``secret.key``, made with mode 0600 at first use."""
    if os.environ.get(KEY_VARIABLE):
        return os.environ[KEY_VARIABLE].encode()
    path = settings.secret_path
    if not path.exists():
        path.parent.mkdir(parents=True, exist_ok=True)
        handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        with os.fdopen(handle, "w", encoding="ascii") as file:
            file.write(secrets.token_hex(32) + "\n")
    key = path.read_bytes().strip()
    if not key:
        raise SignalboxError(f"{path}: the key is empty; put the home's key back, personal values depend on it")
    return key


def fingerprint(key: bytes) -> str:
    """Tells two keys apart without telling anything about them."""
    return hmac.new(key, b"signalbox pseudonym key", hashlib.sha256).hexdigest()[:16]


def pseudonym(key: bytes, value: str) -> str:
    """The same hash in Python: hex HMAC-SHA256 of the UTF-8 text."""
    return hmac.new(key, value.encode(), hashlib.sha256).hexdigest()


def install_key(con: duckdb.DuckDBPyConnection, key: bytes) -> None:
    """Put the key's two pads into a temporary table; they travel as bound parameters, never as SQL text."""
    block = (hashlib.sha256(key).digest() if len(key) > _BLOCK_BYTES else key).ljust(_BLOCK_BYTES, b"\0")
    pads = [bytes(byte ^ mask for byte in block) for mask in (0x36, 0x5C)]
    con.execute("create or replace temp table _pseudonym_key (inner_pad blob, outer_pad blob)")
    con.execute("insert into _pseudonym_key values (?, ?)", pads)


def pseudonym_sql(blob: str) -> str:
    """SQL: hex HMAC-SHA256 of a BLOB expression under the installed key; null stays null."""
    inner = f"unhex(sha256((select inner_pad from _pseudonym_key) || {blob}))"
    return f"sha256((select outer_pad from _pseudonym_key) || {inner})"
