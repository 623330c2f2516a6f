# test: include lib=search-path/_files
<lib/missing.nix>
