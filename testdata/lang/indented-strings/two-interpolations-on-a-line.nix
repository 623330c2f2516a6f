let a = "A"; in ''
  ${a}${a}
    ${a} ${a}
''
