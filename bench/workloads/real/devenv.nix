# The shell of a devenv project: DIR/project with its bootstrap files, DIR/args.nix.
{ path }:
(import (path + "/project/.devenv/bootstrap") (import (path + "/args.nix"))).shell.drvPath
