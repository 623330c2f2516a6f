# An environment with some packages in it, as a derivation whose builder is
# never run: whoever enters the shell takes its variables.
#
#   devix eval --raw shell.nix -A summary
#   devix instantiate --dry-run --json shell.nix -A shell
{ system ? builtins.currentSystem
, packages ? import ./packages.nix { inherit system; }
, wanted ? [ "chorus" "greet" ]
}:

let
  inherit (builtins) concatMap concatStringsSep genericClosure map stringLength;

  roots = map (name: packages.${name} or (throw "there is no package '${name}'")) wanted;

  # The packages and all they depend on, each once.
  closure = map (item: item.package) (genericClosure {
    startSet = map node roots;
    operator = { package, ... }: map node package.dependencies;
  });
  node = package: { key = package.drvPath; inherit package; };

  pad = width: text:
    if stringLength text >= width then text
    else pad width (text + " ");

  line = package:
    "  ${pad 8 package.pname}${pad 8 package.version}${pad 42 package.meta.description}${package}\n";

  shell = derivation {
    inherit system;
    name = "example-shell";
    builder = "/bin/sh";
    args = [ "-c" "echo this shell is not to be built >&2; exit 1" ];
    packages = roots;
    PATH = concatStringsSep ":" (map (package: "${package}/bin") roots);
    manuals = concatMap (package: if package ? doc then [ package.doc ] else [ ]) closure;
  };
in
{
  inherit shell;

  packages = map
    (package: {
      name = package.pname;
      inherit (package) version drvPath outPath;
      inherit (package.meta) description;
    })
    closure;

  summary = ''
    A shell for ${system} with ${toString (builtins.length roots)} packages, ${toString (builtins.length closure)} with what they need:

    ${concatStringsSep "" (map line closure)}
    ${shell.drvPath}
  '';
}
