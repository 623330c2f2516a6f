# test: parse
''
  line
    more ${"x"}
  end''
