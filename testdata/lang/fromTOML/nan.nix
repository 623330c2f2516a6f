let
  toml = builtins.fromTOML ''
    plain = nan
    plus = +nan
    minus = -nan
    list = [ -nan, nan, -inf ]
  '';
in
{
  inherit toml;
  strings = map toString [ toml.plain toml.plus toml.minus toml.list ];
  xml = builtins.toXML toml.list;
  json = builtins.toJSON toml.list;
  equal = [ (toml.minus == toml.minus) ([ toml.minus ] == [ toml.minus ]) (toml.minus < toml.plain) ];
}
