"""The app: a shell that shows one screen at a time and knows how to get to the others.

It is small on purpose: what a screen does is in its own file, and everything that
costs time is imported when it is first needed.
"""

from collections.abc import Iterable, Sequence
from itertools import chain
from pathlib import Path
from typing import TYPE_CHECKING, Any, ClassVar

from textual.app import App, SystemCommand
from textual.binding import Binding, BindingType
from textual.color import Color
from textual.screen import Screen
from textual.theme import Theme

from tuilab.ui.keys_in_turn import KeysInTurn
from tuilab.ui.screens.ground import Ground
from tuilab.ui.styles.themes import DARK, LIGHT, fitting, remember, remembered
from tuilab.ui.terminal.fitting import fitting_driver
from tuilab.ui.widgets.key_bar import key_name

if TYPE_CHECKING:
    from textual.notifications import SeverityLevel

    from tuilab.runs import Run
    from tuilab.ui.screens.lab import LabScreen
    from tuilab.ui.screens.lab_link import Asked, Factory


class Lab(KeysInTurn[int]):
    """tuilab on a terminal."""

    TITLE = "tuilab"
    CSS_PATH = Path(__file__).parent / "styles" / "lab.tcss"  # a default screen brings none of its own
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("o", "runs", "Runs"),
        # The run screen has another use for t.
        Binding("t,T", "toggle_theme", "Light or dark", show=False),
        Binding("w", "write", "Write the screen to a file", show=False),
        Binding("question_mark", "help", "All keys", key_display="?"),
    ]

    def __init__(
        self,
        home: Path,
        own_files: Sequence[Path] = (),
        open_run: "Run | None" = None,
        *,
        standby: "Factory | None" = None,
    ) -> None:
        """Make the app.

        Args:
            home: Where runs, data and one's own presets are kept.
            own_files: Python files with components of one's own.
            open_run: A run to show first.
            standby: Makes what answers questions about the zoo; left out, a worker process.
        """
        if open_run is None:
            import tuilab.ui.screens.lab  # noqa: F401  # with all else: garbage is not looked for yet
        super().__init__(driver_class=fitting_driver())
        self.home, self.own_files = home, tuple(own_files)
        self._first_run = open_run
        self.watched: Run | None = None
        """The run that was shown last."""
        self._said = ""
        self._factory = standby or self._start_worker
        self.register_theme(DARK)
        self.register_theme(LIGHT)
        # Set before there is anything to restyle: a change of theme would parse all styles twice.
        kept = remembered(home)
        self.wear(self.available_themes.get(kept) or fitting())
        # Nothing moves by itself: over a slow link every frame has to travel.
        self.animation_level = "none"

    def wear(self, theme: Theme) -> None:
        """Have these colours from the first paint on."""
        self.set_reactive(App.theme, theme.name)
        self.stylesheet.set_variables(self.get_css_variables())

    def get_default_screen(self) -> Screen[None]:
        """The lab is the ground everything else is put on."""
        return self._lab() if self._first_run is None else Ground(self._lab)

    def on_mount(self) -> None:
        """Open the run that was asked for."""
        self.theme_changed_signal.subscribe(self, lambda theme: remember(self.home, theme.name))
        self.call_after_refresh(_shorten_updates)
        if self._first_run is not None:
            self.open_run(self._first_run)

    def open_run(self, run: "Run", others: "Sequence[Run]" = ()) -> None:
        """Show a run, live or old, and others beside it."""
        from tuilab.ui.screens.run import RunScreen

        self.watched = run
        self.push_screen(RunScreen(run, others))

    def open_fork(self, run: "Run", step: int) -> None:
        """Show a run in the lab as it was after so many steps, to be changed and started as a new one."""
        from tuilab.ui.screens.lab import LabScreen

        lab = next((screen for screen in self.screen_stack if isinstance(screen, LabScreen)), None)
        while self.screen_stack[-1] is not lab and len(self.screen_stack) > (2 if lab is None else 1):
            self.pop_screen()
        if lab is None:
            made = self._lab()
            self.switch_screen(made)
        (lab or made).fork(run, step)

    def action_runs(self) -> None:
        """Show all runs."""
        from tuilab.ui.screens.runs import RunsScreen

        if not isinstance(self.screen, RunsScreen):
            self.push_screen(RunsScreen(self.home))

    def action_help(self) -> None:
        """Show every key that works here."""
        from tuilab.ui.screens.lab_help import HelpScreen

        if not isinstance(self.screen, HelpScreen):
            self.push_screen(HelpScreen(self.screen))

    def action_toggle_theme(self) -> None:
        """Go from dark to light, or back."""
        self.theme = LIGHT.name if self.current_theme.dark else DARK.name

    def notify(
        self,
        message: str,
        *,
        title: str = "",
        severity: "SeverityLevel" = "information",
        timeout: float | None = None,
        markup: bool = True,
    ) -> None:
        """Say something; a key pressed again and again does not pile the same words up over the charts."""
        if message == self._said:
            self.clear_notifications()
        self._said = message
        super().notify(message, title=title, severity=severity, timeout=timeout, markup=markup)

    def action_write(self) -> None:
        """Write what is on the screen to a picture."""
        folder = self.home / "pictures"
        try:
            folder.mkdir(parents=True, exist_ok=True)
            self.notify(f"Written to {self.save_screenshot(path=str(folder))}", markup=False)
        except OSError as error:
            self.notify(f"{folder} cannot be written ({error.strerror}).", severity="error", markup=False)

    def export_screenshot(self, *, title: str | None = None, simplify: bool = False) -> str:
        """Return what is on the screen as SVG, its dots and lines drawn: fonts disagree about them."""
        from textual._compositor import LayoutUpdate

        from tuilab.ui.picture_svg import svg

        update = self.screen._compositor.render_update(full=True, screen_stack=self._background_screens)
        assert isinstance(update, LayoutUpdate)
        rows = [chain.from_iterable(strips) for strips in update.strips]
        ink, paper = self._rgb("foreground"), self._rgb("background")
        return svg(rows, self.size.width, title or self.title, ink, paper)

    def _rgb(self, name: str) -> tuple[int, int, int]:
        return Color.parse(self.theme_variables[name]).rgb

    def get_system_commands(self, screen: Screen[Any]) -> Iterable[SystemCommand]:
        """Offer in the palette whatever has a key here: what Textual brings itself is not ours to offer."""
        titles = set()
        for node, binding, enabled, _ in screen.active_bindings.values():
            title = binding.description
            if not enabled or binding.system or not title or title in titles:
                continue
            titles.add(title)
            yield SystemCommand(
                title,
                f"key {key_name(binding, self.get_key_display(binding))}",
                lambda node=node, action=binding.action: self.call_later(self.run_action, action, node),
            )

    def _lab(self) -> "LabScreen":
        from tuilab.ui.screens.lab import LabScreen

        return LabScreen(self.home, self.own_files, self._factory)

    def _start_worker(self) -> "Asked":
        from tuilab.supervise import Standby

        return Standby(self.home, self.own_files)


def _shorten_updates() -> None:
    """Write only what changes from now on; the first paint does not wait for what this imports."""
    from tuilab.ui.terminal import updates

    updates.shorten()
