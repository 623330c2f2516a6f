# test: stderr
let
  inner = x: x + 1;
  outer = y: { value = inner y; };
in
(outer "text").value
