abort { __toString = _: "from set"; }
