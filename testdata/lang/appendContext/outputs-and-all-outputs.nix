builtins.getContext (builtins.appendContext "a" {
  "/nix/store/00000000000000000000000000000000-x.drv" = { outputs = [ "out" "dev" ]; allOutputs = true; path = true; };
})
