# Every derivation of a package set with all its outputs: how many, and a hash of them. Sets are entered where they say
# so (recurseForDerivations); what throws counts as "error"; what can't be caught must be in `skip`, by its full name.
{ set, skip ? [ ] }:
let
  inherit (builtins) concatMap deepSeq hashString isAttrs attrNames length listToAttrs map seq toJSON tryEval;

  skipped = listToAttrs (map (name: { inherit name; value = null; }) skip);
  try = value: tryEval (seq value value);

  paths = drv:
    let
      all = [ drv.drvPath ] ++ map (output: drv.${output}.outPath) (drv.outputs or [ "out" ]);
      found = tryEval (deepSeq all all);
    in
    if found.success then found.value else "error";

  visit = prefix: members: concatMap (visitMember prefix members) (attrNames members);
  visitMember = prefix: members: name:
    let
      path = if prefix == "" then name else "${prefix}.${name}";
      member = try members.${name};
      type = try (member.value.type or null);
      enter = try (member.value.recurseForDerivations or false);
    in
    if skipped ? ${path} then [ ]
    else if !member.success then [ [ path "error" ] ]
    else if !isAttrs member.value then [ ]
    else if !type.success then [ [ path "error" ] ]
    else if type.value == "derivation" then [ [ path (paths member.value) ] ]
    else if enter.success && enter.value == true then visit path member.value
    else [ ];

  derivations = visit "" set;
in
[ (length derivations) (hashString "sha256" (toJSON derivations)) ]
