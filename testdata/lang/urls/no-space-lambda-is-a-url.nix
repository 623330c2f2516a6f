[ x:x (builtins.typeOf a:b) ]
