[ (builtins.floor 1.0e15) (builtins.floor 9007199254740992) (builtins.floor (-1.0e18)) ]
