"""The terminal itself: what it can show, what reaches it, what comes from it."""
