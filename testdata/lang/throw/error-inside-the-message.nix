throw "a${abort "inside"}"
