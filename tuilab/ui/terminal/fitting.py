"""Which driver runs the terminal: ours where Textual's is as it was when ours was written, else its own.

`LabDriver` overrides methods that are no public interface. With another Textual it is
used only if all of them are still there; otherwise the lab opens all the same, with
what Textual itself makes of hostile bytes and stalled lines.
"""

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from textual.driver import Driver

_OVERRIDDEN = (
    "write",
    "start_application_mode",
    "stop_application_mode",
    "close",
    "disable_input",
    "run_input_thread",
    "process_message",
    "_get_terminal_size",
    "_enable_mouse_support",
    "_disable_mouse_support",
)
"""Methods of Textual's driver that ours replaces or calls."""


def fitting_driver() -> "type[Driver] | None":
    """Return the driver class to give to an app; None is Textual's own choice."""
    try:
        from textual.drivers.linux_driver import LinuxDriver

        from tuilab.ui.terminal.driver import LabDriver
    except ImportError:  # another system, or a Textual that has moved what ours is made of
        return None
    return LabDriver if all(callable(getattr(LinuxDriver, name, None)) for name in _OVERRIDDEN) else None


def unsent(driver: "Driver | None") -> int:
    """Return how many bytes wait to be sent; 0 for drivers that do not say."""
    return int(getattr(getattr(driver, "link", None), "unsent", 0))


def sent(driver: "Driver | None") -> int:
    """Return how many bytes the terminal has got; 0 for drivers that do not say."""
    return int(getattr(getattr(driver, "link", None), "sent", 0))
