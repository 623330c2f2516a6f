# A package set as nixpkgs builds one: a fixed point, overlays, callPackage, override, overrideAttrs.
let
  inherit (builtins) attrValues concatStringsSep elem filter foldl' functionArgs genList hashString
    intersectAttrs isFunction length listToAttrs;

  fix = f: let self = f self; in self;
  extends = overlay: f: final: let prev = f final; in prev // overlay final prev;
  makeOverridable = f: args:
    let result = f args;
    in result // { override = new: makeOverridable f (args // (if isFunction new then new args else new)); };
  callPackageWith = auto: f: args: makeOverridable f (intersectAttrs (functionArgs f) auto // args);

  mkDerivation = f:
    let
      attrs = if isFunction f then fix f else f;
      inputs = attrs.buildInputs or [ ] ++ attrs.nativeBuildInputs or [ ];
      self = {
        inherit (attrs) pname version;
        name = "${attrs.pname}-${attrs.version}";
        meta = { platforms = [ "linux" "darwin" ]; broken = false; } // (attrs.meta or { });
        text = concatStringsSep ":" (map (input: input.name) inputs ++ attrs.flags or [ ]);
        depth = 1 + foldl' (deep: input: if input.depth > deep then input.depth else deep) 0 inputs;
        overrideAttrs = change: mkDerivation (final: let prev = if isFunction f then f final else f; in prev // change prev);
      };
    in
    if elem "linux" self.meta.platforms && !self.meta.broken then self else throw "unsupported";

  pkg = i:
    let inputs = [ "p${toString (i / 2)}" "p${toString (i / 3)}" ];
    in { lib, mkDerivation, pkgs, withExtra ? false, tools ? [ ] }: mkDerivation (final: {
      pname = "p${toString i}";
      version = "${toString (i / 100)}.${toString (i - i / 100 * 100)}";
      buildInputs = if i < 2 then [ ] else map (name: pkgs.${name}) inputs;
      flags = lib.optional withExtra "extra" ++ [ "--version=${final.version}" ] ++ tools;
      meta = with lib.licenses; { license = [ mit bsd ]; description = "package ${toString i}"; };
    });

  size = 5000;
  base = final: {
    pkgs = final;
    lib = { optional = c: v: if c then [ v ] else [ ]; licenses = { mit = "MIT"; bsd = "BSD"; }; };
    inherit mkDerivation;
    callPackage = callPackageWith final;
  } // listToAttrs (genList (i: { name = "p${toString i}"; value = final.callPackage (pkg i) { }; }) size);

  overlay = n: final: prev: {
    "p${toString n}" = prev."p${toString n}".overrideAttrs (old: { version = "${old.version}-overlay${toString n}"; });
    "p${toString (n + 1)}" = prev."p${toString (n + 1)}".override { withExtra = true; tools = [ "t${toString n}" ]; };
    "extra${toString n}" = final.callPackage (pkg n) { withExtra = true; };
  };
  variant = v:
    let
      set = fix (foldl' (f: n: extends (overlay n) f) base (genList (n: n * 50 + v) 40));
      packages = filter (p: p ? text) (attrValues set);
    in
    [ (length packages) (hashString "sha256" (concatStringsSep "\n" (map (p: "${p.name} ${p.text} ${toString p.depth}") packages))) ];
in
genList variant 8
