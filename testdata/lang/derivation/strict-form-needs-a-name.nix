derivationStrict { }
