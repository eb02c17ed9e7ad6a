"""The lab and its worker in standby: started when needed, asked what the experiment comes to.

Answers arrive as messages; an answer about an experiment that has changed since is dropped.
"""

from typing import TYPE_CHECKING

from textual import work

from tuilab.ui.screens.lab_desk import LabDesk

if TYPE_CHECKING:
    from textual.timer import Timer

    from tuilab.ui import messages
    from tuilab.ui.screens.lab_link import Link

_SETTLED = 0.25
"""Seconds without a change before the worker is asked: longer than between two key strokes."""


class LabWorker(LabDesk):
    """A desk with somebody to ask."""

    def __init__(self) -> None:
        super().__init__()
        self._link: Link | None = None
        self._settling: Timer | None = None
        """Runs while changes may still follow."""

    def _start_standby(self) -> None:
        if self._link is not None and not self._link.open:
            self.title_bar.worker = "worker starting …"
            self._open_link(self._link, self._catalog is None)

    @work(thread=True, exclusive=True, group="standby")
    def _open_link(self, link: "Link", describe: bool) -> None:
        from tuilab.ui import messages

        if link.start(describe):
            self.post_message(messages.WorkerStarted())

    def on_worker_started(self) -> None:
        """Ask what is being made comes to."""
        self.ask_soon()

    def on_worker_ready(self) -> None:
        """Say so."""
        self.title_bar.worker = "worker ready"

    def on_worker_gone(self, message: "messages.WorkerGone") -> None:
        """Say what is missing without it; everything else goes on working."""
        self.title_bar.worker = "no worker"
        if self._bench is not None:
            self._bench.facts.show_problems({"": message.error})
        self._no_zoo = message.error

    def ask_soon(self) -> None:
        """Ask when no change has followed for a moment."""
        if self._bench is not None:
            asked = "checking …" if self.draft else "reading the zoo …"
            self._bench.facts.pend(asked if self._link and self._link.open else "no worker yet")
        if self._settling is not None:
            self._settling.stop()
        self._settling = self.set_timer(_SETTLED, self._ask)

    def _ask(self) -> None:
        if self._checks is None or self.draft is None or self._checks.known(self.draft) is not None:
            return
        if self._link is not None and self._link.open:
            self._checks.ask(self.draft)
        elif self.is_current:
            self._start_standby()

    def on_checked(self, message: "messages.Checked") -> None:
        """Show what the worker found, unless the experiment has changed since."""
        draft = self.draft
        if self._checks and self._checks.take(message, draft) and draft is not None:
            draft.report(message.problems)
            self._draw()
