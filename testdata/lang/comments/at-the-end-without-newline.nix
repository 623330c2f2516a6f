1 # no newline
