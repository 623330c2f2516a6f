{ name = "cyclic"; next = import ./cyclic.nix; }
