# test: parse
[ (args@{ a, ... }: args) ({ a }@args: args) (x@{ }: x) ]
