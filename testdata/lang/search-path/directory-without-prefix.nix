# test: env NIX_PATH=search-path/_files
[ (import <inner.nix>) (import <sub>) ]
