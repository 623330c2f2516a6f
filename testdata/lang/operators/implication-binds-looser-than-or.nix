[ (false || true -> false) (false -> false || false) ]
