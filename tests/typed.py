"""What holds a call against its signature: an int is a float to Python's own typing, and so it is here."""

from beartype import BeartypeConf, beartype

checked = beartype(conf=BeartypeConf(is_pep484_tower=True))
