builtins.match "2\\.[0-9]+.*" builtins.nixVersion != null
