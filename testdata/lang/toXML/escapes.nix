builtins.toXML { "a\"b<&>'" = "x<y>&\"'\n\t"; }
