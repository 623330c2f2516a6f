/**
 * Nix code in bulk, for workloads that would be too large to keep: the same text for the same seed, on every machine, in
 * every version of this file that is compared. It looks as nixpkgs does: packages as calls with sets of attributes, strings
 * of one line and of many, lists, comments, a little logic.
 */

/** A sequence of numbers in [0, 1) that a seed decides (mulberry32). */
function randomNumbers(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let z = state;
    z = Math.imul(z ^ (z >>> 15), z | 1);
    z ^= z + Math.imul(z ^ (z >>> 7), z | 61);
    return ((z ^ (z >>> 14)) >>> 0) / 2 ** 32;
  };
}

const WORDS =
  "alsa boost cairo dbus expat flac glib harfbuzz icu jpeg krb5 libxml2 mesa ncurses openssl pango qt readline sqlite tiff udev vala wayland xz yaml zlib"
    .split(" ");
const LICENSES = ["mit", "bsd3", "gpl2Plus", "asl20", "mpl20"];

class PackageWriter {
  readonly #random: () => number;

  constructor(seed: number) {
    this.#random = randomNumbers(seed);
  }

  #below(limit: number): number {
    return Math.floor(this.#random() * limit);
  }

  #pick<T>(from: readonly T[]): T {
    return from[this.#below(from.length)];
  }

  #inputs(most: number): string {
    return Array.from({ length: 1 + this.#below(most) }, () => this.#pick(WORDS)).join(" ");
  }

  #hash(): string {
    return Array.from({ length: 52 }, () => this.#pick([..."0123456789abcdfghijklmnpqrsvwxyz"])).join("");
  }

  /** Returns the fields of package number `number`. */
  fields(number: number): string {
    const name = `${this.#pick(WORDS)}-${this.#pick(WORDS)}${number}`;
    const [major, minor] = [this.#below(20), this.#below(100)];
    return `    pname = "${name}";
    version = "${major}.${minor}${this.#random() < 0.2 ? "-rc1" : ""}";

    src = fetchurl {
      url = "mirror://gnu/\${pname}/${name}-\${version}.tar.gz";
      sha256 = "${this.#hash()}";
    };

    nativeBuildInputs = [ ${this.#inputs(4)} ] ++ lib.optionals stdenv.isLinux [ ${this.#inputs(3)} ];
    buildInputs = [ ${this.#inputs(8)} ]; # in the order upstream wants
${this.#random() < 0.4 ? this.#phases() : ""}${this.#random() < 0.3 ? this.#logic(minor) : ""}
    meta = with lib; {
      description = "The ${this.#inputs(6)} package";
      homepage = "https://example.org/${name}";
      license = licenses.${this.#pick(LICENSES)};
      platforms = platforms.${this.#pick(["all", "unix", "linux"])};
      maintainers = [ maintainers.${this.#pick(WORDS)} ];
    };
`;
  }

  #phases(): string {
    return `    # ${this.#inputs(5)} is looked for in the wrong place.
    postPatch = ''
      substituteInPlace configure.ac \\
        --replace "/usr/${this.#pick(WORDS)}" "\${placeholder "out"}/${this.#pick(WORDS)}"
      for file in *.${this.#pick(["c", "py", "sh"])}; do
        sed -i "s|''\${PREFIX}|$out|" "$file"
      done
    '';
    configureFlags = [ "--with-${this.#pick(WORDS)}=\${${this.#pick(WORDS)}}/lib" (lib.enableFeature doCheck "tests") ];
`;
  }

  #logic(limit: number): string {
    return `    doCheck = stdenv.hostPlatform == stdenv.buildPlatform && !(stdenv.isDarwin || ${limit} > 50);
    passthru = {
      tests = let inherit (lib) mapAttrs filterAttrs; in mapAttrs (name: { path, ... }: path) (filterAttrs (_: t: t != null) { });
      update = if doCheck then null else x: y: { inherit (x) ${this.#pick(WORDS)} pname; count = y * ${limit} + 1.5; };
    };
`;
  }
}

const FORMALS = `lib, stdenv, fetchurl, doCheck ? false, ${WORDS.join(", ")}`;

/** Returns a file that is one function whose result would be a set of packages; not shorter than `length`, in chars. */
export function generatePackageSet(seed: number, length: number): string {
  const writer = new PackageWriter(seed);
  const parts = [`# Generated: seed ${seed}\n{ ${FORMALS}, ... }@args:\n\nrec {\n`];
  for (let number = 0, sum = 0; sum < length; number++) {
    const text = `  package-${number} = stdenv.mkDerivation rec {\n${writer.fields(number)}  };\n\n`;
    sum += text.length;
    parts.push(text);
  }
  return parts.join("") + "}\n";
}

/** Returns `count` files of one package each and a default.nix that imports them all, by name. */
export function generatePackageFiles(seed: number, count: number): Map<string, string> {
  const files = new Map<string, string>();
  for (let number = 0; number < count; number++) {
    const writer = new PackageWriter(seed + number);
    const text = `{ ${FORMALS} }:\n\nstdenv.mkDerivation rec {\n${writer.fields(number)}}\n`;
    files.set(`package-${number}.nix`, text.replaceAll(/^ {2}/gm, ""));
  }
  files.set(
    "default.nix",
    `let
  inherit (builtins) attrNames foldl' functionArgs genList hashString length stringLength;
  names = [ "lib" "stdenv" "fetchurl" "doCheck" ];
  load = i: import (./. + "/package-\${toString i}.nix");
  make = i: load i (builtins.mapAttrs (_: _: null) (functionArgs (load i)) // {
    lib = { optionals = _: _: [ ]; enableFeature = _: name: name; };
    stdenv = { isLinux = true; mkDerivation = attrs: attrs; };
    fetchurl = { url, ... }: url;
  });
  add = digest: package: hashString "sha256" (digest + package.src);
in
foldl' add "" (genList make ${count})
`,
  );
  return files;
}
