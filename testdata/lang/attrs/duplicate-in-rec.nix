rec { a = 1; a = 3; }
