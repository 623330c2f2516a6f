# test: xml
derivation
