# The derivation of one package of nixpkgs 26.05.
{ path, name }:
(import path { system = "x86_64-linux"; config = { }; }).${name}.drvPath
