# All of nixpkgs of 2014.
{ path }:
import ./all_derivations.nix { set = import path { system = "x86_64-linux"; config = { }; }; }
