let __nixPath = [ { prefix = "q"; path = ./_files; } ]; in import <q/inner.nix>
