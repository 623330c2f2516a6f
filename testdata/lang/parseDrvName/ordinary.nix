map builtins.parseDrvName [ "nix-0.12pre12876" "a-b-c-1.2" "hello" "hello-" "hello-world" "python3.11-requests-2.0" "a-1-2" "-1" "" "a--1" "foo-1x" ]
