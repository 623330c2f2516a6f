map baseNameOf [ /a/b /a /. ./x.nix ]
