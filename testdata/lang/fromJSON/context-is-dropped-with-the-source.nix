builtins.fromJSON (builtins.unsafeDiscardStringContext ''{"p":"${builtins.toFile "f" "t"}"}'')
