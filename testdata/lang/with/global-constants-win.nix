with { true = 1; null = 2; builtins = 3; }; [ true null (builtins.typeOf builtins) ]
