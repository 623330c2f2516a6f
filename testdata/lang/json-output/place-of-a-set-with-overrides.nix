# test: stderr
# test: json
rec {
  __overrides = { a = 2; };
  a = 1;
  __toString = { };
}
