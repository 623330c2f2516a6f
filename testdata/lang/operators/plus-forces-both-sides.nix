1 + throw "right side"
