# Functions as nixpkgs' lib has them.
let
  inherit (builtins)
    attrNames
    concatLists
    concatMap
    concatStringsSep
    elem
    elemAt
    filter
    foldl'
    functionArgs
    genList
    head
    intersectAttrs
    isAttrs
    isFunction
    isList
    isString
    length
    listToAttrs
    mapAttrs
    match
    split
    stringLength
    substring
    tail
    ;

  fix = f: let x = f x; in x;
  extends = overlay: f: final: let prev = f final; in prev // overlay final prev;
  flip = f: a: b: f b a;
  id = x: x;
  const = x: _: x;
  pipe = foldl' (x: f: f x);
  range = first: last: if first > last then [ ] else genList (n: first + n) (last - first + 1);
  nameValuePair = name: value: { inherit name value; };
  genAttrs = names: f: listToAttrs (map (name: nameValuePair name (f name)) names);
  filterAttrs = wanted: set: removeAttrs set (filter (name: !wanted name set.${name}) (attrNames set));
  mapAttrsToList = f: set: map (name: f name set.${name}) (attrNames set);
  optional = condition: x: if condition then [ x ] else [ ];
  optionals = condition: xs: if condition then xs else [ ];
  optionalString = condition: text: if condition then text else "";
  optionalAttrs = condition: set: if condition then set else { };
  toList = x: if isList x then x else [ x ];
  unique = foldl' (acc: x: if elem x acc then acc else acc ++ [ x ]) [ ];
  attrByPath = path: default: set:
    if path == [ ] then set
    else if set ? ${head path} then attrByPath (tail path) default set.${head path}
    else default;
  setAttrByPath = path: value: if path == [ ] then value else { ${head path} = setAttrByPath (tail path) value; };
  recursiveUpdate = left: right:
    left // mapAttrs (name: value:
      if isAttrs value && isAttrs (left.${name} or null) && !(value ? type) then recursiveUpdate left.${name} value else value
    ) right;

  hasPrefix = prefix: text: substring 0 (stringLength prefix) text == prefix;
  hasSuffix = suffix: text:
    let n = stringLength text - stringLength suffix; in n >= 0 && substring n (-1) text == suffix;
  removeSuffix = suffix: text:
    if hasSuffix suffix text then substring 0 (stringLength text - stringLength suffix) text else text;
  splitString = separator: text: filter isString (split (escapeRegex separator) text);
  escapeRegex = builtins.replaceStrings [ "." "+" "*" "?" "(" ")" "|" ] [ "\\." "\\+" "\\*" "\\?" "\\(" "\\)" "\\|" ];
  concatMapStringsSep = separator: f: list: concatStringsSep separator (map f list);
  toShellVars = vars: concatStringsSep "\n" (mapAttrsToList (name: value: "${name}='${toString value}'") vars);
  versions = {
    major = version: head (builtins.splitVersion version);
    isNewer = a: b: builtins.compareVersions a b > 0;
  };

  makeOverridable = f: args:
    let result = f args; in
    if isAttrs result then
      result // {
        override = new: makeOverridable f (args // (if isFunction new then new args else new));
        __functor = self: _: self.override { };
      }
    else result;
  callPackageWith = scope: fn: args:
    let
      f = if isFunction fn then fn else import fn;
      fargs = functionArgs f;
      missing = filter (name: !fargs.${name} && !(scope ? ${name}) && !(args ? ${name})) (attrNames fargs);
    in
    if missing == [ ] then makeOverridable f (intersectAttrs fargs scope // args)
    else abort "called without ${toString missing}";

  # Modules: options with a type, definitions with a priority.
  mkOption = attrs: { _type = "option"; } // attrs;
  mkIf = condition: content: { _type = "if"; inherit condition content; };
  mkBefore = content: { _type = "order"; priority = 500; inherit content; };
  mkDefault = content: { _type = "override"; priority = 1000; inherit content; };
  isType = type: value: value._type or null == type;
  pushDown = value:
    if isType "if" value then optionals value.condition (pushDown value.content)
    else if isType "override" value || isType "order" value then
      map (definition: { inherit (value) priority; } // { inherit (definition) content; }) (pushDown value.content)
    else [ { priority = 100; content = value; } ];
  types = {
    bool = { merge = xs: head xs; check = builtins.isBool; description = "boolean"; };
    lines = { merge = concatStringsSep "\n"; check = isString; description = "lines"; };
    listOf = type: { merge = concatLists; check = x: isList x && builtins.all type.check x; description = "list of ${type.description}"; };
    str = { merge = xs: head xs; check = isString; description = "string"; };
  };
  evalModules = modules: args:
    fix (self:
      let
        called = map (m: if isFunction m then m (args // { inherit (self) config options; inherit lib; }) else m) modules;
        normal = map (m: if m ? config || m ? options then { options = { }; config = { }; } // m else { options = { }; config = m; }) called;
        options = foldl' (acc: m: recursiveUpdate acc m.options) { } normal;
        value = path: option:
          let
            defined = concatMap (m: let d = attrByPath path null m.config; in optionals (d != null) (pushDown d)) normal;
            given = defined ++ optional (option ? default) { priority = 1500; content = option.default; };
            highest = foldl' (least: d: if d.priority < least then d.priority else least) 9999 given;
            isOrder = d: d.priority == 500;
            chosen = builtins.sort (a: b: a.priority < b.priority) (filter (d: d.priority == highest || isOrder d) given);
            contents = map (d: d.content) (if chosen == [ ] then throw "`${concatStringsSep "." path}' is not defined" else chosen);
            wrong = filter (x: !option.type.check x) contents;
          in
          if wrong != [ ] then throw "`${concatStringsSep "." path}' is no ${option.type.description}"
          else builtins.addErrorContext "while evaluating the option `${concatStringsSep "." path}':" (option.type.merge contents);
        walk = path: mapAttrs (name: option:
          if isType "option" option then value (path ++ [ name ]) option else walk (path ++ [ name ]) option);
      in
      { inherit options; config = walk [ ] options; });

  lib = {
    inherit
      attrByPath callPackageWith concatMapStringsSep const escapeRegex evalModules extends filterAttrs fix flip genAttrs
      hasPrefix hasSuffix id makeOverridable mapAttrsToList mkBefore mkDefault mkIf mkOption optional optionalAttrs
      optionalString optionals pipe range recursiveUpdate removeSuffix setAttrByPath splitString toList toShellVars types
      unique versions
      ;
    inherit (builtins) filter foldl' groupBy concatStringsSep elemAt partition;
    assertMsg = condition: message: condition || throw message;
  };
in
lib
