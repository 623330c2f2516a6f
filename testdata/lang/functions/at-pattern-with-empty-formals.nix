(args@{ }: args) { }
