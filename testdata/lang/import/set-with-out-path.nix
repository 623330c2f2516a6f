import { outPath = toString ./_files/value.nix; }
