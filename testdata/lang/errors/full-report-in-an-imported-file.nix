# test: stderr
import ./_files/fails.nix { x = "s"; }
