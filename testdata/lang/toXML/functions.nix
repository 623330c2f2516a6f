builtins.toXML [ (x: x) ({ a, b ? 1 }: a) ({ a, ... }@args: a) ({ }: 1) map (map (x: x)) ]
