"""The real screen under a pseudo-terminal: what a user would see, and what it costs the line."""

import fcntl
import os
import pty
import select
import struct
import subprocess
import sys
import termios
import time
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

import pyte

from tuilab.runs import Run

ROOT = Path(__file__).parents[2]

_USUAL = {"TERM": "xterm-256color", "COLORTERM": "truecolor", "LANG": "C.UTF-8"}
_CLEAN = (
    "LC_ALL",
    "LC_CTYPE",
    "SSH_CONNECTION",
    "SSH_TTY",
    "NO_COLOR",
    "COLORTERM",
    "TMUX",
    "COLUMNS",
    "LINES",
    "TUILAB_GLYPHS",
    "TUILAB_FRAMES",
)


class Terminal:
    """A terminal of a given size with the run screen in it."""

    def __init__(
        self,
        run: Run,
        columns: int = 80,
        lines: int = 24,
        environ: Mapping[str, str] | None = None,
        module: str = "tests.ui.terminal",
        arguments: Sequence[str] = (),
    ) -> None:
        self.screen = pyte.Screen(columns, lines)
        self._stream = pyte.ByteStream(self.screen)
        self.received = 0
        """Bytes so far."""
        self.raw = bytearray()
        self.arrived = 0.0
        """When the last of them came."""
        self._master, slave = pty.openpty()
        _resize(slave, columns, lines)
        inherited = {key: value for key, value in os.environ.items() if key not in _CLEAN}
        self.process = subprocess.Popen(
            [sys.executable, "-m", module, *arguments, str(run.path)],
            cwd=ROOT,
            stdin=slave,
            stdout=slave,
            stderr=slave,
            start_new_session=True,
            env={**inherited, **_USUAL, "XDG_CONFIG_HOME": str(run.path / "config"), **(environ or {})},
        )
        os.close(slave)

    def read(self, seconds: float, until: Callable[[], bool] = lambda: False) -> bool:
        """Take in output for so long, or until something is so; return whether it came to be."""
        deadline = time.perf_counter() + seconds
        while not until():
            left = deadline - time.perf_counter()
            if left <= 0:
                return False
            if select.select([self._master], [], [], min(left, 0.05))[0]:
                try:
                    data = os.read(self._master, 1 << 16)
                except OSError:  # the other side is closed
                    return until()
                self.arrived = time.perf_counter()
                self.received += len(data)
                self.raw += data
                self._stream.feed(_without_private_modes(data))
        return True

    def shows(self, text: str, seconds: float = 10.0) -> bool:
        """Whether a text appears in time."""
        return self.read(seconds, lambda: text in "\n".join(self.screen.display))

    def type(self, data: bytes) -> None:
        """Send keys, or whatever else a terminal may send."""
        os.write(self._master, data)

    def resize(self, columns: int, lines: int) -> None:
        """Change the size as a window manager does."""
        self.screen.resize(lines, columns)
        _resize(self._master, columns, lines)
        self.process.send_signal(28)  # SIGWINCH, which the kernel sends to the foreground group only

    def hang_up(self) -> None:
        """Close the terminal."""
        os.close(self._master)
        self._master = -1

    def close(self) -> None:
        """End the screen."""
        if self.process.poll() is None:
            self.process.kill()
        self.process.wait()
        if self._master >= 0:
            os.close(self._master)


def _resize(terminal: int, columns: int, lines: int) -> None:
    fcntl.ioctl(terminal, termios.TIOCSWINSZ, struct.pack("HHHH", lines, columns, 0, 0))


def _without_private_modes(data: bytes) -> bytes:
    """Pyte prints what it does not know: the kitty keyboard protocol."""
    for code in (b"\x1b[>25u", b"\x1b[<u"):
        data = data.replace(code, b"")
    return data


def _main() -> None:
    """Show a run; what the tests start."""
    from textual.app import App

    from tuilab.ui.screens.run import RunScreen
    from tuilab.ui.styles.themes import DARK
    from tuilab.ui.terminal.fitting import fitting_driver

    if "TUILAB_TEST_OTHER_TEXTUAL" in os.environ:
        # As after an update: nothing private is known, so nothing private is touched.
        import textual

        textual.__version__ = "8.9.9"
        sys.modules["tuilab.ui.terminal.driver"] = None  # type: ignore[assignment]

    class Watch(App[int]):
        def __init__(self, run: Run) -> None:
            super().__init__(driver_class=fitting_driver())
            self._run = run
            self.register_theme(DARK)
            self.theme = DARK.name
            self.animation_level = "none"

        def on_mount(self) -> None:
            self.push_screen(RunScreen(self._run))

    Watch(Run(Path(sys.argv[1]))).run()


if __name__ == "__main__":
    _main()
