/** What `import` of a derivation's file evaluates to, given the derivation's outputs. */
export const IMPORTED_DERIVATION = `
# { drvPath, name, outputs = [ names ], <name of output> = path, ... } -> derivation
imported:
let
  shared = {
    type = "derivation";
    inherit (imported) drvPath name;
    all = map ({ value, ... }: value) named;
  };
  named = map (outputName: {
    name = outputName;
    value = builtins.listToAttrs named // shared // {
      inherit outputName;
      outPath = imported.\${outputName};
    };
  }) imported.outputs;
in
(builtins.head named).value
`;
