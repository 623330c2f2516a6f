# test: parse
x: [ ./${x}/c.nix /${x} a/${x}b ]
