throw "tab\there é \"q\" \${x}"
