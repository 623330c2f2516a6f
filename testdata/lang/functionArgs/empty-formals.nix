[ (builtins.functionArgs ({ }: 1)) (builtins.functionArgs ({ ... }: 1)) (builtins.functionArgs ({ a }@args: 1)) ]
