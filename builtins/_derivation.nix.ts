/**
 * The function `derivation` in Nix.
 *
 * Errors that come up in it show its lines, so the ones that can be shown stay where C++ Nix has them (its HEAD, whose language tests show them):
 * `strict` on line 36, and `outPath` on line 49 between its two neighbours. Comments fill the gaps.
 */
export const DERIVATION = `# The function \`derivation\`.
#
# It makes a derivation without making it yet: derivationStrict, which does, wants
# every attribute, while a package set is full of derivations of which nobody wants
# more than a name. So the work waits until an output's path is asked for.
#
# The argument is the set that derivationStrict gets. The result is the first output,
# which is a set of
#
# - the argument's attributes;
# - one attribute for each output, named like it, with the same result for that output;
# - \`all\`, a list of these;
# - \`drvAttrs\`, the argument;
# - \`outputName\`, \`outPath\`, \`drvPath\` and \`type = "derivation"\`.
#
# Later ones in this list win over earlier ones. Nothing of the argument but
# \`outputs\` is looked at.

drvAttrs@{
  # The names of the outputs.
  outputs ? [ "out" ],
  ...
}:

let

  # ---------------------------------------------------------------------------
  # The work
  # ---------------------------------------------------------------------------

  # One call for all outputs. What comes back has the path of the derivation and
  # an attribute with the path of each output. Whatever is wrong with the argument
  # comes to light here, and so under the name of whichever attribute was wanted
  # first.

  strict = derivationStrict drvAttrs;

  # ---------------------------------------------------------------------------

  # What the outputs share.
  commonAttrs = drvAttrs // builtins.listToAttrs outputsList // {
    all = map (output: output.value) outputsList;
    inherit drvAttrs;
  };

  outputsList = map (outputName: {
    name = outputName;
    value = commonAttrs // {
      outPath = strict.\${outputName};
      drvPath = strict.drvPath;
      type = "derivation";
      inherit outputName;
    };
  }) outputs;

in
(builtins.head outputsList).value
`;
