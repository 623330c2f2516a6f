[ (builtins.ceil 1.0e15) (builtins.ceil 9007199254740992) (builtins.ceil (-1.0e18)) ]
