(derivation {
  name = "d";
  system = "x";
  builder = "b";
  broken = throw "attribute";
}).drvPath
