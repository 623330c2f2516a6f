{ x, args }@args: 1
