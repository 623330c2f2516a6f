map builtins.isPath [ { } [ ] 1 1.5 "/s" null true /p ./p (x: x) ]
