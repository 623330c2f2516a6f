(derivation {
  name = "x";
  system = "s";
  builder = "/b";
  outputHash = "blake3-rxNJufX5oaagQE3qNtzJSZvLJcmtwRK3zJqTyuQfMmI=";
  outputHashAlgo = "sha256";
}).drvPath
