# test: env NIX_PATH=x=search-path/_files/sub:x=search-path/_files
import <x>
