rec { a = "x${b}"; b = "y${a}"; }
