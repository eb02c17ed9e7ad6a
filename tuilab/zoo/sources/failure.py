"""Why one source did not give a data set: the next source is tried, and all reasons are told in the end."""


class Failure(Exception):
    """One source that was tried, and why it failed."""

    def __init__(self, source: str, reason: str) -> None:
        super().__init__(f"{source}: {reason}")
        self.source = source
        self.reason = reason
