[ (builtins.compareVersions "1.a" "1.1") (builtins.compareVersions "1.b" "1.a") (builtins.compareVersions "1.0a" "1.0") (builtins.compareVersions "a" "b") ]
