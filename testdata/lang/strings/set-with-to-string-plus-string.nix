{ __toString = _: "b"; } + "a"
