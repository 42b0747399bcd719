"""The lock file: versions and hashes only, and in step with requirements.in."""

import re
from pathlib import Path

ROOT = Path(__file__).parents[2]
LOCK = (ROOT / "requirements.lock").read_text()


def canonical(name: str) -> str:
    return re.sub(r"[-_.]+", "-", name.partition("[")[0]).lower()


def entries() -> dict[str, list[str]]:
    """Canonical name -> the entries (pin, marker and hashes) under that name."""
    found: dict[str, list[str]] = {}
    for entry in re.split(r"\n(?=\S)", LOCK.strip()):
        found.setdefault(canonical(entry.partition("==")[0]), []).append(entry)
    return found


def test_the_lock_names_no_address_and_no_path() -> None:
    assert not re.search(r"://|^\s*-(?!-hash=)|\s@\s|#", LOCK, re.MULTILINE)


def test_every_entry_is_pinned_and_hashed() -> None:
    for name, pins in entries().items():
        for pin in pins:
            assert re.match(r"[\w.-]+(\[[\w,-]+\])?==\S+", pin), name
            assert "--hash=sha256:" in pin, name


def test_every_direct_need_is_locked_at_its_version() -> None:
    locked = entries()
    for line in (ROOT / "requirements.in").read_text().splitlines():
        need = line.partition("#")[0].strip()
        if need:
            name, _, version = need.partition("==")
            assert any(f"=={version}" in pin.split()[0] for pin in locked[canonical(name)]), need
