# A small package set: packages find each other by name, and overlays change
# any of them for all.
#
#   devix eval --json packages.nix -A greet.outPath
#   devix instantiate --dry-run packages.nix
#   devix eval --raw -E '(import ./packages.nix { overlays = [ (final: prev: { language = "de"; }) ]; }).greeting'
{ system ? builtins.currentSystem
, overlays ? [ ]
}:

let
  build = import ./build.nix { inherit system; };

  # Calls a package's function with what it asks for by name.
  callWith = scope: f:
    f (builtins.intersectAttrs (builtins.functionArgs f) scope);

  base = final: {
    language = "en";

    greetings = builtins.fromJSON (builtins.readFile ./greetings.json);
    greeting = final.greetings.${final.language} or (throw "nobody knows how to greet in '${final.language}'");

    # Prints the greeting it was built with.
    greet = callWith final ({ build, greeting }: build {
      name = "greet";
      version = "1.2";
      description = "says hello";
      env.greeting = greeting;
      script = ''
        mkdir -p $out/bin
        printf '#!/bin/sh\necho "%s, ''${1:-world}!"\n' "$greeting" > $out/bin/greet
        chmod +x $out/bin/greet
      '';
    });

    # Says something as often as it is told to.
    repeat = callWith final ({ build }: build {
      name = "repeat";
      version = "0.3";
      description = "does it again";
      outputs = [ "out" "doc" ];
      env.manual = ./repeat.txt;
      script = ''
        mkdir -p $out/bin $doc
        printf '#!/bin/sh\nn=$1; shift; while [ $n -gt 0 ]; do "$@"; n=$((n - 1)); done\n' > $out/bin/repeat
        chmod +x $out/bin/repeat
        cp $manual $doc/repeat.txt
      '';
    });

    # Built on both.
    chorus = callWith final ({ build, greet, repeat }: build {
      name = "chorus";
      version = "${greet.version}.${builtins.replaceStrings [ "." ] [ "" ] repeat.version}";
      description = "says hello until everyone has heard it";
      dependencies = [ greet repeat ];
      script = ''
        mkdir -p $out/bin
        printf '#!/bin/sh\nexec %s 3 %s "$@"\n' "$(command -v repeat)" "$(command -v greet)" > $out/bin/chorus
        chmod +x $out/bin/chorus
      '';
    });

    inherit build;
  };

  extend = set: overlay: final:
    let previous = set final;
    in previous // overlay final previous;

  set = builtins.foldl' extend base overlays;
  final = set final;
in
final
