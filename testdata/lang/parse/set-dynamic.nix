# test: parse
x: { ${x} = 1; "a${x}" = 2; "${"lit"}" = 3; b.${x}.c = 4; }
