# test: no-strict
if true then { a = if true then 1 else 2; } else null
