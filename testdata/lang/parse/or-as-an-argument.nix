# test: parse
f: or': f or'
