builtins.sort builtins.lessThan "ba"
