# evalModules of nixpkgs' lib with n modules: an option each, and a definition of it and of a list they share.
{ n, repeat, path }:
let
  lib = import (path + "/lib");
  inherit (builtins) foldl' genList stringLength toJSON;
  once = round:
    let
      module = i: { config, ... }: {
        options."option${toString i}" = lib.mkOption { type = lib.types.int; default = round; };
        config.names = [ "module${toString i}" ];
        config."option${toString i}" = lib.mkIf (lib.mod i 2 == 0) (if i == 0 then 1 else config."option${toString (i / 2)}" + 1);
      };
      shared.options.names = lib.mkOption { type = lib.types.listOf lib.types.str; default = [ ]; };
      result = lib.evalModules { modules = [ shared ] ++ genList module n; };
    in
    stringLength (toJSON (removeAttrs result.config [ "_module" ]));
in
foldl' (sum: round: sum + once round) 0 (genList (i: i) repeat)
