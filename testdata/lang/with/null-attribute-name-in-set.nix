with { ${null} = 1; a = 2; }; a
