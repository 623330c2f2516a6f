[ (builtins.compareVersions "1.0" "1.1") (builtins.compareVersions "1.10" "1.9") (builtins.compareVersions "2" "2") (builtins.compareVersions "1.0" "1") ]
