builtins.toXML [ { a = throw "deep"; } ]
