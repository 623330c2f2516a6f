# test: include lib=search-path/_files
import <lib/sub>
