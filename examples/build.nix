# Turns a description of a package into a derivation that a shell builds.
#
# `script` runs with every dependency's bin directory on PATH and with the
# attributes of `env` in its environment; it fills $out (and $doc, … where
# `outputs` says so).
{ system }:

{ name
, version
, script
, dependencies ? [ ]
, outputs ? [ "out" ]
, env ? { }
, description ? ""
}:

let
  searchPath = builtins.concatStringsSep ":" (map (d: "${d}/bin") dependencies);
in
derivation
  (env // {
    inherit system outputs;
    name = "${name}-${version}";
    builder = "/bin/sh";
    args = [ "-eu" "-c" script ];
    PATH = "${searchPath}:/usr/bin:/bin";
  })
// {
  inherit version dependencies;
  pname = name;
  meta = { inherit description; };
}
