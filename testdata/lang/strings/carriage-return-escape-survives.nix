[ "\r" "\r\n" (builtins.stringLength "\r\n") ]
