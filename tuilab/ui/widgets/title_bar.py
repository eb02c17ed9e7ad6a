"""The first line: where one is, and how the worker in standby does."""

from textual.content import Content
from textual.reactive import reactive
from textual.widget import Widget


class TitleBar(Widget):
    """Name of the lab, the experiment that is being made, and the worker's state."""

    DEFAULT_CSS = """
    TitleBar { height: 1; background: $surface; padding: 0 1; }
    """

    subject = reactive("")
    """What is worked on."""
    note = reactive("")
    """What is to be said of it."""
    worker = reactive("")
    """How the worker in standby does."""

    def render(self) -> Content:
        """Return the line, the worker at its right end."""
        left = Content.assemble(("tuilab", "bold $accent"), ("  ", ""), (self.subject, "bold"))
        if self.note:
            left = left + Content.styled(f"  {self.note}", "$accent")
        right = Content.styled(self.worker, "$text-muted")
        gap = self.size.width - left.cell_length - right.cell_length
        return left + Content(" " * gap) + right if gap >= 2 else left
