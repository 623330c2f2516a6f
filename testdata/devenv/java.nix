# A JDK with both build tools.
{ ... }:
{
  languages.java = {
    enable = true;
    lsp.enable = false;
    maven.enable = true;
    gradle.enable = true;
  };
}
