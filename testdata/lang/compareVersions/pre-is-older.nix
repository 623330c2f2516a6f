[ (builtins.compareVersions "1.0pre1" "1.0") (builtins.compareVersions "1.0pre" "1.0a") (builtins.compareVersions "pre" "") ]
