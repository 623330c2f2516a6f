/**
 * The function `derivation` in Nix.
 *
 * Errors that come up in it show its lines, and `unsafeGetAttrPos` and `--xml` their numbers. So all that can be seen
 * stands on the line and in the column where C++ Nix 2.34 has it, in the words that it shows; a comment fills the rest.
 */
export const DERIVATION = `/*
  The function \`derivation\`.

  It makes a derivation without making it yet: derivationStrict, which does, wants
  every attribute, while a package set is full of derivations of which nobody wants
  more than a name. So the work waits until an output's path is asked for.

  The argument is the set that derivationStrict gets. The result is the first output,
  which is a set of

  - the argument's attributes;
  - one attribute for each output, named like it, with the same result for that output;
  - \`all\`, a list of these;
  - \`drvAttrs\`, the argument;
  - \`outputName\`, \`outPath\`, \`drvPath\` and \`type = "derivation"\`.

  Later ones in this list win over earlier ones. Nothing of the argument but
  \`outputs\` is looked at.

  \`strict\` is one call for all outputs. What comes back has the path of the
  derivation and an attribute with the path of each output. Whatever is wrong with
  the argument comes to light there, and so under the name of whichever attribute
  was wanted first.

  \`commonAttrs\` is what the outputs share, \`outputsList\` the outputs with their
  names, in the order of the argument's \`outputs\`.

  Mind the lines and columns.
*/
drvAttrs@{
  outputs ? [ "out" ],
  ...
}:

let

  strict = derivationStrict drvAttrs;

  commonAttrs =
    drvAttrs
    // (builtins.listToAttrs outputsList)
    // {
      all = map (x: x.value) outputsList;
      inherit drvAttrs;
    };

  outputToAttrListElement = outputName: {
    name = outputName;
    value = commonAttrs // {
      outPath = builtins.getAttr outputName strict;
      drvPath = strict.drvPath;
      type = "derivation";
      inherit outputName;
    };
  };

  outputsList = map outputToAttrListElement outputs;

in
(builtins.head outputsList).value
`;
