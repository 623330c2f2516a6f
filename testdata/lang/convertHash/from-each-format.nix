let c = h: builtins.convertHash { hash = h; hashAlgo = "md5"; toHashFormat = "base16"; };
in map c [ "d41d8cd98f00b204e9800998ecf8427e" "3y8bwfr609h3lh9ch0izcqq7fl" "1B2M2Y8AsgTpgAmY7PhCfg==" "md5:d41d8cd98f00b204e9800998ecf8427e" "md5-1B2M2Y8AsgTpgAmY7PhCfg==" ]
