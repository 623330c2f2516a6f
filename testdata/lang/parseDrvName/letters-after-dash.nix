map (n: (builtins.parseDrvName n).version) [ "linux-headers-6.1" "lib-v2" "x-é" "x-.1" "x-_" ]
