false && throw "not needed"
