"""Each file is one of them."""
