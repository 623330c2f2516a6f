{ pkgs, ... }:
{
  env.GREETING = "hello";
  packages = [ pkgs.jq ];
  enterShell = "echo $GREETING";
}
