builtins.genericClosure {
  startSet = [ { key = 1; v = "first"; } { key = 1; v = "second"; } ];
  operator = _: [ { key = 1; v = "third"; } { key = 2; v = "new"; } ];
}
