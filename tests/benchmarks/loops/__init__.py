"""The same training, by the loop one writes by hand, by other frameworks and by the lab's worker."""
