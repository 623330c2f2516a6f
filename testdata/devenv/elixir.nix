# Elixir, and what enterTest makes of it.
{ ... }:
{
  languages.elixir = {
    enable = true;
    lsp.enable = false;
  };
  enterTest = "elixir --version";
}
