# test: env NIX_PATH=lib=search-path/_files
import <lib/inner.nix>
