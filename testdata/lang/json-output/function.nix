# test: json
{ f = x: x; }
