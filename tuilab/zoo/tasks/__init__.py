"""What can be learned: a task knows its shapes, its default loss and its metrics; one a file."""
