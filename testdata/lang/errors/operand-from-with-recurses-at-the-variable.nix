# test: stderr
let
  s = with s; {
    x = x - 1;
  };
in
s.x
