"""Sets a fresh home to what an adapter asks for, and says where an older home differs.

Belongs here: the settings that a vendor's data suggests. Not here: reading settings (``signalbox.settings``).
"""

from __future__ import annotations

from collections.abc import Mapping

from pydantic import ValidationError

from signalbox.errors import UsageError
from signalbox.settings import Settings


def suit_home(settings: Settings, wanted: Mapping[str, str], is_fresh: bool) -> list[str]:
    """Write ``signalbox.toml`` where there is none and nothing was landed yet; gives what a person should know.

    ``wanted``: settings by name. A home that has a file or rows is left as it is: its owner decided.
    Raises UsageError for a value that no home can have.
    """
    try:
        Settings.model_validate({**settings.model_dump(), **wanted})
    except ValidationError as error:
        first = error.errors()[0]
        raise UsageError(f"adapter.yaml: home.{first['loc'][0]}: {first['msg']} (given: {first['input']!r})") from error
    different = {name: value for name, value in wanted.items() if str(getattr(settings, name)) != value}
    if not different:
        return []
    listed = ", ".join(f"{name} {value}" for name, value in different.items())
    if is_fresh and not settings.config_path.exists():
        lines = [f'{name} = "{value}"' for name, value in wanted.items()]
        settings.config_path.write_text("\n".join(lines) + "\n", encoding="utf-8")
        return [f"{settings.config_path}: written, as the adapter asks for {listed}"]
    return [f"the adapter asks for {listed}, and this home has another; {settings.config_path} decides"]
