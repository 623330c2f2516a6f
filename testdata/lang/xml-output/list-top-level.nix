# test: xml
[ 1 "two" ]
