"""Looks: colours, and where the parts of each screen stand."""
