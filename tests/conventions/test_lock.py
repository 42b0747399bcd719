"""The lock files: versions and hashes only, in step with the direct needs, and with each other."""

import re
import tomllib
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
LOCKS = ("requirements.lock", "requirements-spark.lock")


def canonical(name: str) -> str:
    return re.sub(r"[-_.]+", "-", name.partition("[")[0]).lower()


def entries(lock: str) -> dict[str, list[str]]:
    """Canonical name -> the entries (pin, marker and hashes) under that name."""
    found: dict[str, list[str]] = {}
    for entry in re.split(r"\n(?=\S)", (ROOT / lock).read_text().strip()):
        found.setdefault(canonical(entry.partition("==")[0]), []).append(entry)
    return found


def direct_needs(lock: str) -> list[str]:
    """What a person wrote: requirements.in, and for the second engine the extra of pyproject.toml."""
    if lock == "requirements-spark.lock":
        project = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
        return list(project["optional-dependencies"]["spark"])
    lines = [line.partition("#")[0].strip() for line in (ROOT / "requirements.in").read_text().splitlines()]
    return [line for line in lines if line]


@pytest.mark.parametrize("lock", LOCKS)
def test_the_lock_names_no_address_and_no_path(lock: str) -> None:
    assert not re.search(r"://|^\s*-(?!-hash=)|\s@\s|#", (ROOT / lock).read_text(), re.MULTILINE)


@pytest.mark.parametrize("lock", LOCKS)
def test_every_entry_is_pinned_and_hashed(lock: str) -> None:
    for name, pins in entries(lock).items():
        for pin in pins:
            assert re.match(r"[\w.-]+(\[[\w,-]+\])?==\S+", pin), name
            assert "--hash=sha256:" in pin, name


@pytest.mark.parametrize("lock", LOCKS)
def test_every_direct_need_is_locked_at_its_version(lock: str) -> None:
    locked = entries(lock)
    for need in direct_needs(lock):
        name, _, version = need.partition("==")
        assert any(f"=={version}" in pin.split()[0] for pin in locked[canonical(name)]), need


def test_the_second_engine_changes_no_version_of_the_first() -> None:
    base, added = (entries(lock) for lock in LOCKS)
    for name in base.keys() & added.keys():
        pins = [{pin.split()[0].rpartition("==")[2] for pin in found[name]} for found in (base, added)]
        assert pins[1] <= pins[0], name
