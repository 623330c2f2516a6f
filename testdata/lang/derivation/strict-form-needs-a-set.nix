derivationStrict [ ]
