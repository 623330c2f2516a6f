toString { "\${x}" = x: x; }."\${x}"
