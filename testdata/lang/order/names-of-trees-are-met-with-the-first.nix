# narHash is no name that C++ Nix knows before it has made a tree.
builtins.deepSeq {
  zzz = throw "first";
  narHash = throw "second";
} 1
