(import ./_files/cyclic.nix).next.next.name
