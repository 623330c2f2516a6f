# test: stderr
[
  1
  (throw "third")
]
