"""tuilab: a training lab in the terminal."""

__version__ = "0.1.0"
