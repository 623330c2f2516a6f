{ lib, system }:

final: prev:

let
  inherit (lib) optional optionalAttrs optionalString;
  callPackage = lib.callPackageWith final;
  patches = lib.pipe (builtins.readDir ./.) [
    (lib.filterAttrs (name: type: type == "regular" && lib.hasSuffix ".nix" name))
    builtins.attrNames
    (map (name: ./. + "/${name}"))
  ];
in
{
  inherit lib;
  inherit (final.platform) isLinux;
  platform = rec {
    parts = lib.splitString "-" system;
    cpu = builtins.elemAt parts 0;
    isLinux = builtins.elem "linux" parts;
    isOther = !isLinux && cpu != "x86_64" || builtins.getEnv "USUAL_OTHER" != "";
  };

  mkDerivation =
    { pname, version, outputs ? [ "out" ], env ? { }, nativeBuildInputs ? [ ], meta ? { }, passthru ? { }, ... }@args:
    let
      known = [ "pname" "version" "env" "meta" "passthru" "nativeBuildInputs" "doCheck" "platforms" "longDescription" ];
      drv = derivation (
        removeAttrs args known // env // {
          name = "${lib.removeSuffix "-" pname}-${version}";
          inherit outputs system;
          builder = "/bin/sh";
          args = [ "-e" ./module.nix ];
          ${if nativeBuildInputs != [ ] then "inputs" else null} = lib.unique (map (p: p.dev or p) nativeBuildInputs);
        } // optionalAttrs (args.doCheck or false) { doCheck = true; }
      );
    in
    lib.recursiveUpdate (drv // passthru) { inherit meta version pname; };

  source = derivation {
    name = "source.tar.gz";
    version = "0.9";
    inherit system;
    builder = "builtin:fetchurl";
    url = "https://example.org/source.tar.gz";
    outputHash = "sha256-47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU=";
    outputHashMode = "flat";
    preferLocalBuild = true;
  } // { version = "0.9"; };

  structured = derivation {
    name = "structured";
    inherit system;
    builder = "/bin/sh";
    __structuredAttrs = true;
    outputs = [ "out" "doc" ];
    flags = { strict = true; level = 3; list = [ 1 2.5 "a\n" null ]; };
  };

  greet = callPackage (
    { lib, mkDerivation, source, isLinux, loud ? false, name ? "greet" }:
    mkDerivation {
      pname = name;
      version = if loud then "1.2" else "1.0";
      outputs = [ "out" "dev" ];
      src = source;
      patches = optional isLinux (builtins.path { path = ./packages.nix; name = "a.patch"; }) ++ patches;
      nativeBuildInputs = [ source ];
      doCheck = loud;
      env.NIX_CFLAGS = toString (optional loud "-O2");
      settings = builtins.toJSON { inherit loud; escaped = "\"\\\t"; none = null; };
      configurePhase = builtins.unsafeDiscardStringContext ''
        ${optionalString loud "loud=1"}
        ${lib.toShellVars { inherit loud; prefix = placeholder "out"; }}
      '';
      meta = {
        description = "Says hello";
        platforms = [ system ];
        broken = !(builtins.pathExists ./lib.nix) || final.platform.isOther;
        position = with builtins.parseDrvName "greet-1.2"; "${name}:${version}";
        files = lib.partition (n: n > 1) [ 1 2 3 ];
        found = (builtins.tryEval <nixpkgs>).success;
        lines = builtins.length (builtins.split "\n" (builtins.readFile ./packages.nix));
      };
    }
  ) { };
}
