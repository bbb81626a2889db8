"""The commands put together, and the one place where an outcome becomes an exit code."""

from __future__ import annotations

import contextlib
import os
import shlex
import signal
import sys
import traceback
from collections.abc import Sequence
from pathlib import Path
from types import FrameType
from typing import Annotated, Any

import typer
from typer.core import TyperGroup

from sim.cli.bench import bench
from sim.cli.calibrate import calibrate
from sim.cli.compare import compare, demo
from sim.cli.contest import contest
from sim.cli.dashboard import dashboard
from sim.cli.examples import EXAMPLES, START, SUMMARY, epilog
from sim.cli.explain import explain
from sim.cli.explore import optimise, sensitivity
from sim.cli.facts import facts
from sim.cli.files import validate
from sim.cli.init import init
from sim.cli.listing import listing
from sim.cli.report import report
from sim.cli.run import run
from sim.cli.sweep import sweep
from sim.cli.verify import verify

_RUNS_FAILED = ("WorkerLost", "RunsFailed", "EveryMarketFailed")
DONE, FAILED, WRONG_INPUT, SOME_RUNS_FAILED, INTERRUPTED = 0, 1, 2, 3, 130


class Stopped(Exception):
    """Ctrl-C on its way through the parser, which would end the program without a word; the cause says the rest."""


def _load_plugins(files: list[Path] | None) -> None:
    from sim.plugins import load_file

    for file in files or ():
        load_file(file)


Plugins = Annotated[
    list[Path] | None,
    typer.Option("--plugin", metavar="FILE", is_eager=True, expose_value=False, callback=_load_plugins,
                 help="Python file whose mechanisms and policies the scenario may name. It is run: give only files you "
                      "trust. May be repeated.", show_default=False),
]  # fmt: skip


def _plugin_option() -> Any:
    """``--plugin FILE`` as a parameter that any command can be given."""
    bearer = typer.Typer(add_completion=False)

    @bearer.command()
    def bear(plugin: Plugins = None) -> None: ...

    command: Any = typer.main.get_command(bearer)
    return command.params[0]


class Commands(TyperGroup):
    """The group of all commands, each with its line and its examples (:mod:`sim.cli.examples`), and ``--plugin``."""

    def __init__(self, **given: Any) -> None:
        super().__init__(**given)
        option = _plugin_option()
        for command in (self, *self.commands.values()):
            command.params.append(option)

    def get_command(self, ctx: Any, cmd_name: str) -> Any:
        """The command of that name, with what the help shows of it."""
        found = super().get_command(ctx, cmd_name)
        if found is not None and not found.epilog:
            found.short_help, found.epilog = SUMMARY.get(cmd_name), epilog(cmd_name)
        return found

    def invoke(self, ctx: Any) -> Any:
        """Run the command; an interruption becomes an exception that the parser lets pass."""
        try:
            return super().invoke(ctx)
        except KeyboardInterrupt as stop:
            raise Stopped from stop


app = typer.Typer(
    name="sim",
    cls=Commands,
    help="A marketplace that lives on social ties, simulated day by day, to compare strategies before paying for them.",
    epilog=START,
    no_args_is_help=True,
    rich_markup_mode=None,  # plain text: flags without a type, examples as they are typed
    pretty_exceptions_enable=False,
    context_settings={"help_option_names": ["-h", "--help"]},
)


def _version(wanted: bool) -> None:
    if wanted:
        from sim import __version__

        print(f"sim {__version__}")
        raise typer.Exit()


@app.callback()
def everything(
    version: Annotated[
        bool, typer.Option("--version", callback=_version, is_eager=True, help="Show the version and exit.")
    ] = False,
) -> None:
    """Simulate a social marketplace day by day, and compare strategies in it before paying for them."""


app.command("list")(listing)
app.command()(init)
app.command()(validate)
app.command()(run)
app.command()(compare)
app.command()(sweep)
app.command()(sensitivity)
app.command()(optimise)
app.command()(report)
app.command()(dashboard)
app.command()(calibrate)
app.command()(verify)
app.command()(facts)
app.command()(explain)
app.command()(demo)
app.command()(bench)
app.command()(contest)


def main() -> None:
    """Entry point of the ``sim`` command."""
    for number in (signal.SIGINT, signal.SIGTERM):
        if signal.getsignal(number) != signal.SIG_IGN:  # in the background of a script, Ctrl-C is not ours to hear
            signal.signal(number, _stop)
    for stream in (sys.stdout, sys.stderr):
        with contextlib.suppress(AttributeError, ValueError):
            stream.reconfigure(encoding="utf-8", errors="backslashreplace")  # type: ignore[union-attr]
    sys.exit(call(sys.argv[1:]))


def call(arguments: Sequence[str]) -> int:
    """Run one command line and give its exit code; what went wrong is on stderr, without a traceback."""
    try:
        code: Any = typer.main.get_command(app).main([*arguments], prog_name="sim", standalone_mode=False)
    except BaseException as error:
        return _explained(error, arguments)
    return code if isinstance(code, int) else DONE


def _explained(error: BaseException, arguments: Sequence[str]) -> int:
    """Say what happened in words and choose the exit code."""
    from sim.contract import SimError

    cause = error.__cause__ if isinstance(error, Stopped) else error
    if isinstance(cause, KeyboardInterrupt):
        _say(_interrupted(cause, arguments))
        return INTERRUPTED
    if isinstance(error, SystemExit):
        return error.code if isinstance(error.code, int) else FAILED
    if hasattr(error, "format_message") and hasattr(error, "exit_code"):  # a usage error of the parser
        context = getattr(error, "ctx", None)
        command = context.command_path if context else "sim"
        told = error.format_message().replace("Value error, ", "").replace("Input should be", "must be")
        _say(f"sim: {told}\nTry '{command} --help'.{_for_example(context)}")
        return int(error.exit_code)
    if isinstance(error, SimError):
        _say(str(error))
        return SOME_RUNS_FAILED if type(error).__name__ in _RUNS_FAILED else WRONG_INPUT
    if isinstance(error, BrokenPipeError):  # the reader, such as head, has had enough
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return DONE
    if isinstance(error, OSError):
        _say(f"sim: {error.strerror or error}" + (f": {error.filename}" if error.filename else ""))
        return FAILED
    if isinstance(error, MemoryError):
        _say("sim: not enough memory; a smaller --consumers, or fewer --jobs, needs less")
        return FAILED
    if {"-v", "--verbose"} & set(arguments):
        _say("".join(traceback.format_exception(error)).rstrip())
    else:
        _say(f"sim: internal error: {type(error).__name__}: {error}\nThis is a fault of the program; -v shows where.")
    return FAILED


def _for_example(context: Any) -> str:
    """The first example of the command that was meant."""
    lines = EXAMPLES.get(str(getattr(context, "info_name", "")), ())
    return f" For example: {lines[0]}" if lines else ""


def _interrupted(error: KeyboardInterrupt, arguments: Sequence[str]) -> str:
    again = f"sim {shlex.join(a for a in arguments if a not in ('--fresh', '--no-resume'))}"
    done, total = getattr(error, "done", None), getattr(error, "total", None)
    if done is None:
        return "interrupted"
    what = getattr(error, "what", "replications")
    kept = f"interrupted: {done} of {total} {what} are finished and kept"
    return f"{kept}. To go on, give the same command:\n  {again}"


def _say(text: str) -> None:
    """On stderr, without signs that steer a terminal: messages quote what files and arguments say."""
    from sim.contract import harmless

    print(harmless(text), file=sys.stderr, flush=True)


def _stop(number: int, frame: FrameType | None) -> None:
    """The first time: stop tidily. Again, wherever the tidying is: end at once, without a word (parts written stand
    whole, and workers end with their parent)."""
    for either in (signal.SIGINT, signal.SIGTERM):
        signal.signal(either, _at_once)
    raise KeyboardInterrupt


def _at_once(number: int, frame: FrameType | None) -> None:
    os._exit(INTERRUPTED)
