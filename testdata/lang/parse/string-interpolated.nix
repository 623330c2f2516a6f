# test: parse
"a${b: b}c${"d"}" + "${"only"}"
