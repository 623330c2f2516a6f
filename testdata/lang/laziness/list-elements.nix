# test: no-strict
[ 1 (1 + 1) "s" "${"a"}b" (x: x) [ ] { } [ (1 + 1) ] null true 1.5 /p ]
