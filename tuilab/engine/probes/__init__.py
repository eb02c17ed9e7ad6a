"""What else is measured while a run trains; each file is one probe."""
