# evalModules of nixpkgs' lib, given as PATH/lib: services with submodules, conditions, priorities, types of all sorts.
{ path }:
let
  lib = import (path + "/lib");
  inherit (lib) genList mkDefault mkForce mkIf mkMerge mkOption mkEnableOption types;

  service = i:
    let name = "service${toString i}";
    in { config, ... }: let cfg = config.services.${name}; in {
      options.services.${name} = {
        enable = mkEnableOption name;
        port = mkOption { type = types.port; default = 1000 + i; };
        mode = mkOption { type = types.enum [ "fast" "slow" ]; default = "slow"; };
        user = mkOption { type = types.nullOr types.str; default = null; };
        args = mkOption { type = types.listOf types.str; default = [ ]; };
        config = mkOption { type = types.attrsOf (types.oneOf [ types.bool types.int types.str ]); default = { }; };
        hosts = mkOption {
          type = types.attrsOf (types.submodule ({ name, config, ... }: {
            options = {
              name = mkOption { type = types.str; default = name; };
              root = mkOption { type = types.str; default = "/srv/${name}"; };
              index = mkOption { type = types.listOf types.str; default = [ ]; };
              header = mkOption { type = types.lines; default = ""; };
            };
            config.index = mkIf (config.root != "/srv/${name}") [ "index.html" ];
          }));
          default = { };
        };
      };
      config = mkIf cfg.enable (mkMerge [
        { units.${name} = { text = "${name} --port ${toString cfg.port} ${toString cfg.args}"; after = mkDefault [ ]; }; }
        { ports = [ cfg.port ]; }
        (mkIf (cfg.mode == "fast") { units.${name}.after = [ "network" ]; })
      ]);
    };

  base = { config, ... }: {
    options = {
      ports = mkOption { type = types.listOf types.port; default = [ ]; };
      units = mkOption {
        type = types.attrsOf (types.submodule {
          options.text = mkOption { type = types.lines; };
          options.after = mkOption { type = types.listOf types.str; default = [ ]; };
        });
        default = { };
      };
      total = mkOption { type = types.int; };
    };
    config.total = lib.foldl' (a: b: a + b) 0 config.ports;
  };

  user = i: {
    services."service${toString i}" = {
      enable = lib.mod i 3 != 0;
      port = if lib.mod i 5 == 0 then mkForce (2000 + i) else mkDefault (3000 + i);
      mode = if lib.mod i 2 == 0 then "fast" else "slow";
      args = [ "--verbose" "--level=${toString i}" ];
      config = { level = i; verbose = true; name = "n${toString i}"; };
      hosts = lib.genAttrs [ "a" "b" "c" ] (h: { root = "/var/${h}"; header = "X-Host: ${h}"; });
    };
  };
  more = i: { services."service${toString i}" = { args = lib.mkBefore [ "--more" ]; hosts.a.header = "X-More: yes"; }; };

  n = 500;
  result = lib.evalModules { modules = [ base ] ++ genList service n ++ genList user n ++ genList more n; };
in
[ result.config.total (builtins.hashString "sha256" (builtins.toJSON (removeAttrs result.config [ "_module" ]))) ]
