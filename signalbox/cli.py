"""The ``signalbox`` command: its options, its groups, and how errors end.

Belongs here: the root of the command. Not here: what a command does; each has a thin body in ``signalbox.commands``,
which reaches the rest late, so that ``signalbox --help`` answers at once.
"""

from __future__ import annotations

import os
import sys
from pathlib import Path

import click

from signalbox.commands import COMMANDS
from signalbox.errors import SignalboxError

# Nothing that is started from here phones home.
QUIET = {
    "DAGSTER_DISABLE_TELEMETRY": "1",
    "DBT_SEND_ANONYMOUS_USAGE_STATS": "false",
    "DO_NOT_TRACK": "1",
    "GX_ANALYTICS_ENABLED": "false",
    "STREAMLIT_BROWSER_GATHER_USAGE_STATS": "false",
}
FAILED, WRONG_USE, INTERRUPTED = 1, 2, 130


@click.group(
    context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100},
    help="The control tower of an omnichannel retailer: trusted numbers, exceptions to work.",
)
@click.option(
    "--home",
    type=click.Path(file_okay=False, path_type=Path),
    help="Where all run-time data lives; default: SIGNALBOX_HOME, else the checkout's data/.",
)
@click.version_option(package_name="signalbox")
@click.pass_context
def cli(context: click.Context, home: Path | None) -> None:
    context.obj = home


for command in COMMANDS:
    cli.add_command(command)


def main(arguments: list[str] | None = None) -> int:
    """Run the command; gives its exit status: 0 done, 1 failed, 2 called wrongly, 130 interrupted.

    An error is one line on standard error; with SIGNALBOX_DEBUG set it keeps its traceback.
    """
    os.environ.update({name: os.environ.get(name, value) for name, value in QUIET.items()})
    try:
        cli.main(args=arguments, prog_name="signalbox", standalone_mode=False)
    except click.exceptions.Exit as ended:
        return ended.exit_code
    except click.ClickException as error:
        return _say(_usage(error), WRONG_USE)
    except (KeyboardInterrupt, click.Abort):
        return _say("interrupted", INTERRUPTED)
    except BrokenPipeError:
        sys.stdout = open(os.devnull, "w")  # noqa: PTH123, SIM115 - the reader is gone; the interpreter still flushes
        return 0
    except SignalboxError as error:
        if os.environ.get("SIGNALBOX_DEBUG"):
            raise
        return _say(str(error), error.exit_code)
    except Exception as error:
        if os.environ.get("SIGNALBOX_DEBUG"):
            raise
        kind = type(error).__name__
        return _say(f"unexpected {kind}: {error}; run it with SIGNALBOX_DEBUG=1 to see where", FAILED)
    return 0


def _usage(error: click.ClickException) -> str:
    """Click's message with the command that it is about."""
    context = getattr(error, "ctx", None)
    where = f" (see `{context.command_path} --help`)" if context is not None else ""
    return f"{error.format_message()}{where}"


def _say(text: str, status: int) -> int:
    print(f"signalbox: {' '.join(text.split())}", file=sys.stderr)
    return status


if __name__ == "__main__":
    sys.exit(main())
