# A TeX tree put together from packages.
{ ... }:
{
  languages.texlive = {
    enable = true;
    lsp.enable = false;
    packages = [
      "latexmk"
      "booktabs"
    ];
  };
}
