[ (builtins.appendContext "a" { }) (builtins.getContext (builtins.appendContext "a" { "/nix/store/00000000000000000000000000000000-x" = { }; })) ]
