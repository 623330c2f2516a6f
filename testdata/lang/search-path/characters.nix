# test: include a-b_c+d.e=search-path/_files
import <a-b_c+d.e/inner.nix>
