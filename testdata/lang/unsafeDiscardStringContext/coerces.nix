builtins.unsafeDiscardStringContext { outPath = "/x"; }
