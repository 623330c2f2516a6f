[ ] -> true
