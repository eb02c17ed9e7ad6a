"""What makes a step faster than the loop one would write by hand; one idea a file."""
