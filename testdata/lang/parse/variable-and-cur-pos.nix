# test: parse
x: [ x __curPos ]
