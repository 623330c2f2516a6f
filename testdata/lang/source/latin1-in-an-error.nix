throw "café"
