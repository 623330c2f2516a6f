(derivation { name = "d"; system = "x"; builder = "b"; preferLocalBuild = true; allowSubstitutes = false; requiredSystemFeatures = [ "kvm" ]; __darwinAllowLocalNetworking = true; }).drvPath
