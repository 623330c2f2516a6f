toString { __toString = _: throw "inside"; }
