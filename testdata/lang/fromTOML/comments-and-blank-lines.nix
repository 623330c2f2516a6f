builtins.fromTOML "# comment\n\na = 1 # trailing\n  # indented\nb = \"# no comment\"\n"
