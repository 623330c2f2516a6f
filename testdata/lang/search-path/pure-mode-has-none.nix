# test: stdin
# test: pure
# test: include lib=search-path/_files
<lib>
