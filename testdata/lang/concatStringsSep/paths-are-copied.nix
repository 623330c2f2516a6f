builtins.concatStringsSep ":" [ ./_files/text.txt "b" ]
