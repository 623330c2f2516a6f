# test: option nix-path x=/nonexistent/x
builtins.nixPath
