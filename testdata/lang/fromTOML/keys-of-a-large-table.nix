# test: stderr
# Fifteen make the hash table grow. They are traced by symbol.
let
  names = builtins.genList (n: "number-${toString n}") 15;
  set = builtins.fromTOML (builtins.concatStringsSep "\n" (map (name: "${name} = 1") names));
in
builtins.mapAttrs (name: builtins.trace name) set
