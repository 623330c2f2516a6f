/** The file `<nix/fetchurl.nix>`: a derivation that downloads a file, made by the store itself. */
export const FETCHURL = `# A derivation that downloads a file. It is built by the store itself, which knows
# the builder "builtin:fetchurl", so that it works before there is anything that
# could download.
{
  # What to download.
  url,

  name ? baseNameOf (toString url),

  # The expected hash: in one attribute that says which kind it is, or in one for each kind.
  hash ? "",
  sha512 ? "",
  sha256 ? "",
  sha1 ? "",
  md5 ? "",

  # Of those given, the one that counts.
  outputHash ?
    if hash != "" then hash
    else if sha512 != "" then sha512
    else if sha1 != "" then sha1
    else if md5 != "" then md5
    else sha256,
  outputHashAlgo ?
    if hash != "" then ""
    else if sha512 != "" then "sha512"
    else if sha1 != "" then "sha1"
    else if md5 != "" then "md5"
    else "sha256",

  # Whether to make the file executable, or to unpack it as an archive of the store.
  executable ? false,
  unpack ? false,

  # Whether to download anew each time, whatever it is; the hash isn't used then.
  impure ? false,

  # Not used any more.
  system ? "",
}:

let
  expected = if impure then { __impure = true; } else { inherit outputHash outputHashAlgo; };
in
derivation ({
  # What the arguments say.
  urls = [ url ];
  inherit
      name
      url
      executable
      unpack
  ;

  # What they don't.
  system = "builtin";
  builder = "builtin:fetchurl";
  outputHashMode = if unpack || executable then "recursive" else "flat";
  preferLocalBuild = true;

  # Without meaning, but part of the derivation and so of everything that uses it.
  impureEnvVars = [ "http_proxy" "https_proxy" "ftp_proxy" "all_proxy" "no_proxy" ];
} // expected)
`;
