import (toString ./_files/value.nix)
