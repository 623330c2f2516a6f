let
  find = name:
    let found = builtins.tryEval (builtins.findFile [ { prefix = "q"; path = ./_files; } { prefix = ""; path = ./_files; } ] name);
    in if found.success then builtins.baseNameOf found.value else null;
in
map find [ "q/inner.nix" "q/../inner.nix" "q/./../../inner.nix" "q/../_files/inner.nix" "q/x/../inner.nix" "q/.." "../inner.nix" "../_files" "q//inner.nix" ]
