# test: option system aarch64-darwin
builtins.currentSystem
