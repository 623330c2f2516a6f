false -> throw "not needed"
