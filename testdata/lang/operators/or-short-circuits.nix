true || throw "not needed"
