"""The lab's line to the worker in standby: questions go out, answers come back as messages.

Answers arrive in a thread; all that happens there is turning them into messages.
"""

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any, Protocol

from textual.message import Message

from tuilab.ui.messages import CatalogRead, Checked, Previewed, WorkerGone, WorkerReady

Post = Callable[[Message], object]


class Asked(Protocol):
    """What is needed of a standby; tests bring one of their own."""

    @property
    def alive(self) -> bool:
        """Whether it can still be asked."""

    def ask(self, question: str, reply: Callable[[dict[str, Any]], None], **values: Any) -> None:
        """Ask; the reply comes in a thread."""

    def close(self) -> None:
        """Let it go."""


Factory = Callable[[], Asked]


class Link:
    """Keeps one standby, and starts another when that one has become a run's worker."""

    def __init__(self, post: Post, factory: Factory, home: Path, own_files: Sequence[Path]) -> None:
        self._post, self._factory = post, factory
        self._home, self._own_files = home, own_files
        self._standby: Asked | None = None
        self._number = 0

    @property
    def open(self) -> bool:
        """Whether somebody is there to be asked."""
        return self._standby is not None and self._standby.alive

    def start(self, describe: bool) -> bool:
        """Start a standby, and have the zoo described if need be; return whether it runs."""
        try:
            standby = self._standby = self._factory()
        except OSError as error:
            self._post(WorkerGone(f"The worker cannot be started ({error.strerror})."))
            return False
        if describe:
            standby.ask("describe", self._described)
        return True

    def check(self, text: str) -> int:
        """Have a spec built; return the number that the answer will bear."""
        self._number += 1
        number = self._number
        if self._standby is not None:
            self._standby.ask("check", lambda reply: self._checked(number, reply), spec=text)
        return number

    def preview(self, text: str, post: Post) -> None:
        """Have a data set looked into; `post` gets the answer."""
        if self._standby is None or not self._standby.alive:
            post(Previewed({}, "No worker is there to read the data yet. Go back and try again in a moment."))
            return

        def reply(message: dict[str, Any]) -> None:
            post(Previewed(message.get("answer", {}), _reason(message)))

        self._standby.ask("preview", reply, spec=text)

    def run(self, path: Path, otherwise: Callable[[str], object]) -> bool:
        """Let the standby become a run's worker; return whether there was one to ask.

        Args:
            path: The run's directory.
            otherwise: Called with the reason, in a thread, where the standby could not.
        """
        standby, self._standby = self._standby, None
        if standby is None or not standby.alive:
            return False

        def reply(message: dict[str, Any]) -> None:
            if "error" in message:
                otherwise(str(message["error"]))

        standby.ask("run", reply, path=str(path))
        return True

    def close(self) -> None:
        """Let the standby go."""
        if self._standby is not None:
            self._standby.close()
            self._standby = None

    def _described(self, reply: dict[str, Any]) -> None:
        from tuilab.catalog import Catalog, save_cached

        if "error" in reply:
            self._post(WorkerGone(str(reply["error"])))
            return
        catalog = Catalog.from_json(reply["answer"])
        self._post(WorkerReady())
        self._post(CatalogRead(catalog))
        save_cached(catalog, self._home, self._own_files)

    def _checked(self, number: int, reply: dict[str, Any]) -> None:
        if "error" not in reply:
            self._post(WorkerReady())
            self._post(Checked(number, reply["answer"], {}))
        elif reply.get("problems"):
            self._post(WorkerReady())
            self._post(Checked(number, {}, {str(key): str(text) for key, text in reply["problems"]}))
        elif self.open:
            self._post(WorkerReady())
            self._post(Checked(number, {}, {"": str(reply["error"])}))
        elif self._standby is not None:
            self._post(WorkerGone(str(reply["error"])))


def _reason(reply: dict[str, Any]) -> str:
    """Return why there is no answer; "" where there is one."""
    if problems := reply.get("problems"):
        return "\n".join(str(message) for _, message in problems)
    return str(reply.get("error", ""))
