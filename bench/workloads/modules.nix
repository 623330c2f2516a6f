# A module system in small: modules as functions of the result, options with types and defaults, conditions, priorities.
# goal: 1.0
let
  inherit (builtins) all attrNames concatMap concatStringsSep filter foldl' genList hashString head isAttrs isBool
    isFunction isInt isList isString length listToAttrs map mapAttrs sort toJSON zipAttrsWith;

  mkIf = condition: content: { _type = "if"; inherit condition content; };
  mkOverride = priority: content: { _type = "override"; inherit priority content; };
  mkDefault = mkOverride 1000;
  mkForce = mkOverride 50;
  mkOption = option: { _type = "option"; } // option;
  typed = value: if isAttrs value then value._type or "" else "";

  types = {
    bool = { name = "boolean"; check = isBool; merge = defs: head defs; };
    int = { name = "integer"; check = isInt; merge = defs: head defs; };
    str = { name = "string"; check = isString; merge = concatStringsSep ""; };
    listOf = type: { name = "list of ${type.name}"; check = v: isList v && all type.check v; merge = concatMap (v: v); };
    attrsOf = type: { name = "set of ${type.name}"; check = isAttrs; merge = zipAttrsWith (_: mergeDefinitions type); };
    submodule = modules: { name = "submodule"; check = v: isAttrs v || isFunction v; merge = defs: (evaluate (modules ++ defs)).config; };
  };

  # What of a definition counts: [ { priority, value } ].
  discharge = value:
    if typed value == "if" then (if value.condition then discharge value.content else [ ])
    else if typed value == "override" then map (d: d // { inherit (value) priority; }) (discharge value.content)
    else [ { priority = 100; inherit value; } ];

  mergeDefinitions = type: definitions:
    let
      counting = concatMap discharge definitions;
      best = foldl' (p: d: if d.priority < p then d.priority else p) 9999 counting;
      values = map (d: d.value) (filter (d: d.priority == best) counting);
    in
    if all type.check values then type.merge values else throw "not of type ${type.name}";

  # Pushes conditions down to the leaves, so that what exists doesn't depend on what it is.
  pushDown = config:
    if typed config == "if" then map (mapAttrs (_: mkIf config.condition)) (pushDown config.content) else [ config ];

  evaluate = modules:
    let
      call = module: if isFunction module then module { inherit config; } else module;
      collect = module: let m = call module; in [ m ] ++ concatMap collect (m.imports or [ ]);
      all = concatMap collect modules;
      declared = map (m: m.options or { }) all;
      defined = concatMap (m: pushDown (m.config or (removeAttrs m [ "options" "imports" ]))) all;
      combine = options: configs: zipAttrsWith (name: values: values) options;
      walk = options: configs:
        let defs = zipAttrsWith (_: values: values) configs;
        in mapAttrs (name: values:
          if typed (head values) == "option" then finish (head values) (defs.${name} or [ ])
          else walk values (defs.${name} or [ ])) (combine options configs);
      finish = option: definitions:
        let given = definitions ++ (if option ? default then [ (mkOverride 1500 option.default) ] else [ ]);
        in (option.apply or (v: v)) (mergeDefinitions option.type given);
      config = walk declared defined;
    in
    { inherit config; };

  service = i:
    let name = "service${toString i}";
    in { config, ... }: {
      options.services.${name} = {
        enable = mkOption { type = types.bool; default = false; };
        port = mkOption { type = types.int; default = 1000 + i; };
        args = mkOption { type = types.listOf types.str; default = [ ]; };
        hosts = mkOption {
          type = types.attrsOf (types.submodule [
            ({ config }: {
              options.root = mkOption { type = types.str; default = "/srv"; };
              options.index = mkOption { type = types.listOf types.str; default = [ "index.html" ]; };
              options.secure = mkOption { type = types.bool; default = config.root != "/srv"; };
            })
          ]);
          default = { };
        };
      };
      config = mkIf config.services.${name}.enable {
        units.${name} = {
          text = "${name} --port ${toString config.services.${name}.port} ${concatStringsSep " " config.services.${name}.args}";
          after = if i == 0 then [ ] else [ "service${toString (i / 2)}" ];
        };
        ports = [ config.services.${name}.port ];
      };
    };

  base = { config }: {
    imports = [ { options.ports = mkOption { type = types.listOf types.int; default = [ ]; apply = sort (a: b: a < b); }; } ];
    options.units = mkOption {
      type = types.attrsOf (types.submodule [
        {
          options.text = mkOption { type = types.str; };
          options.after = mkOption { type = types.listOf types.str; default = [ ]; };
        }
      ]);
      default = { };
    };
    options.total = mkOption { type = types.int; };
    config.total = foldl' (a: b: a + b) 0 config.ports;
  };

  user = i: {
    services."service${toString i}" = {
      enable = i - i / 3 * 3 != 0;
      port = if i - i / 5 * 5 == 0 then mkForce (2000 + i) else mkDefault (3000 + i);
      args = [ "--verbose" "--level=${toString i}" ];
      hosts = listToAttrs (genList (h: { name = "host${toString h}"; value = { root = "/var/${toString i}"; }; }) 4);
    };
  };
  more = i: { services."service${toString i}" = { args = [ "--more" ]; hosts.host1.index = [ "other.html" ]; }; };

  result = n: (evaluate ([ base ] ++ genList service n ++ genList user n ++ genList more n)).config;
in
map (n: let config = result n; in [ config.total (length (attrNames config.units)) (hashString "sha256" (toJSON config)) ]) [ 500 2500 ]
