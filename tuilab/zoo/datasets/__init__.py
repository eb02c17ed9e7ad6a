"""Each file registers what it is named for."""
