# What package sets and modules do, in small: scripts/bundle.ts evaluates it to see which functions such evaluations use.
# Functions that aren't used here are compiled when they are called, that is all.
{
  system ? builtins.currentSystem,
  overlays ? [
    (final: prev: { greet = prev.greet.override { loud = true; }; })
    (final: prev: { inherit (final.tools) tool-7; })
  ],
}:

let
  lib = import ./lib.nix;
  stages = [
    (import ./packages.nix { inherit lib system; })
    (final: prev: {
      # Large enough to be laid over each other instead of copied.
      tools = lib.genAttrs (map (n: "tool-${toString n}") (lib.range 1 600)) (name: final.greet.override { inherit name; });
      everything = prev // builtins.mapAttrs (name: tool: tool) final.tools // prev.tools or { } // { tool-0 = prev; };
    })
  ] ++ overlays;
  pkgs = lib.fix (lib.foldl' (lib.flip lib.extends) (final: { }) stages);
  configured = lib.evalModules [
    (import ./module.nix)
    { programs.greet = { enable = true; names = [ "world" "moon" ]; }; }
    (
      { lib, config, pkgs, ... }:
      { programs.greet.names = lib.mkIf config.programs.greet.enable (lib.mkBefore [ pkgs.greet.name ]); }
    )
  ] { inherit pkgs; };
in

assert lib.assertMsg (pkgs ? greet && pkgs.greet.outPath or null != null) "there is no greet";

{
  inherit (configured.config.programs.greet) script;
  packages = map (p: p.drvPath) [ pkgs.greet pkgs.source pkgs.structured pkgs.everything.tool-7 pkgs.everything.tool-600.dev ];
  names = builtins.seq pkgs.tools builtins.length (lib.filter (name: builtins.match "tool-[0-9]+" name != null) (builtins.attrNames pkgs.everything));
  versions = builtins.mapAttrs (_: map (p: p.name)) (lib.groupBy (p: lib.versions.major p.version) [ pkgs.greet pkgs.source ]);
  newer = lib.versions.isNewer pkgs.greet.version "1.2pre";
  inherit (pkgs.greet.override (old: { loud = !old.loud or true; })) meta;
  same = { a = [ pkgs.platform { b = 1.5; } ]; } == { a = [ pkgs.platform { b = 1.5; } ]; } && pkgs.greet != pkgs.source;
  kinds = map builtins.typeOf (builtins.attrValues (pkgs // pkgs.tools // { inherit (pkgs.greet 1) system; }));
  versionsOf = builtins.catAttrs "version" (builtins.attrValues (builtins.intersectAttrs { tool-1 = 1; tool-2 = 2; } pkgs.everything));
  directory = builtins.baseNameOf (toString ./.) + builtins.baseNameOf (builtins.dirOf ./lib.nix);
  # Enough calls to be worth generating code.
  sum = lib.foldl' (sum: n: if n < 9000 && pkgs.platform.isLinux then sum + n - sum / 2 else sum) 0 (lib.range 1 12000);
  zipped = builtins.zipAttrsWith (name: builtins.length) [ pkgs.platform { inherit (pkgs.platform) cpu; } ];
  failing = builtins.tryEval (throw "not this one" || builtins.deepSeq pkgs.tools true);
  position = (builtins.unsafeGetAttrPos "greet" pkgs).line or 0 > 0;
}
