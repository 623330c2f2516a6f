({ a ? 1 + 2 * 3, b ? if true then "x" else "y", c ? x: x }: [ a b (c 4) ]) { }
