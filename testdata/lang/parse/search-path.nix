# test: parse
<nixpkgs/lib>
