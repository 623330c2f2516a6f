builtins.fromJSON ''{"p":"${builtins.toFile "f" "t"}"}''
