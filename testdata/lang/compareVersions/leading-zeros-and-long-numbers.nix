[ (builtins.compareVersions "01" "1") (builtins.compareVersions "1.001" "1.1") (builtins.compareVersions "20240101" "20231231") (builtins.compareVersions "99999999999999999999" "1") ]
