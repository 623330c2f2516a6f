builtins.typeOf /surely/not/there
