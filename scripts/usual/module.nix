{ config, lib, pkgs, ... }:

let
  cfg = config.programs.greet;
in
{
  options.programs.greet = with lib; {
    enable = mkOption { type = types.bool; default = false; description = "Whether to greet."; };
    names = mkOption { type = types.listOf types.str; default = [ ]; };
    script = mkOption { type = types.lines; };
  };

  config = {
    programs.greet.script = lib.mkIf (cfg.enable -> cfg.names != [ ]) ''
      #!${pkgs.greet}/bin/sh -e
      ${lib.concatMapStringsSep "\n" (name: "${pkgs.greet}/bin/greet '${name}'") cfg.names}
      ''${NOT_NIX:-}
    '';
    programs.greet.enable = lib.mkDefault true;
  };
}
