# test: no-strict
# test: json
# test: stderr
builtins.mapAttrs (name: value: value) { a = 1; }
