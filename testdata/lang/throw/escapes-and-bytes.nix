# test: stdin
throw "tab\there é \"q\" \${x}"
