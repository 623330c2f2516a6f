# Recursion that isn't in tail position, as deep as C++ Nix's stack allows, through functions and through thunks.
# flags: --option max-call-depth 10000000
let
  inherit (builtins) foldl' genList;
  sum = n: if n == 0 then 0 else n + sum (n - 1);
  build = n: if n == 0 then null else { value = n; next = build (n - 1); };
  total = list: if list == null then 0 else list.value + total list.next;
  lazy = foldl' (a: b: { value = a.value + b; }) { value = 0; } (genList (i: i) 10000);
in
[ (foldl' (a: i: a + sum (10000 + i)) 0 (genList (i: i) 60)) (foldl' (a: i: a + total (build (8000 + i))) 0 (genList (i: i) 30)) lazy.value ]
