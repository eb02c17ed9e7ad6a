"""Charts: numbers to rows of characters. NumPy only; neither screens nor runs are known here."""
