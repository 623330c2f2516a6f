# test: stdin
# test: pure
builtins.storePath "/nix/store/00000000000000000000000000000000-missing"
