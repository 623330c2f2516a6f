import { assertEquals } from "@std/assert";
import { downstreamPlaceholder, dynamicPlaceholder, placeholder } from "./placeholder.ts";
import { type DrvPath, parseStorePath } from "./store_path.ts";

// What Nix 2.34.8 puts into the environments of testdata/format/derivations.nix.
const DYN = parseStorePath("/nix/store/2i4hmwscilv0m8absrvj3acqxysvpfdi-x.drv.drv") as DrvPath;
const CA = parseStorePath("/nix/store/nnjqmcpnv8snk6ha4ikb80cmh6p5d78g-ca.drv") as DrvPath;

Deno.test("placeholder is builtins.placeholder's", () => {
  assertEquals(placeholder("out"), "/1rz4g4znpzjwh1xymhjpm42vipw92pr73vdgl6xs1hycac8kf2n9");
  assertEquals(placeholder("dev"), "/02qcpld1y6xhs5gz9bchpxaw0xdhmsp5dv88lh25r2ss44kh8dxz");
});

Deno.test("downstreamPlaceholder stands for an output of a floating derivation", () => {
  assertEquals(downstreamPlaceholder(CA, "bin"), "/1dlh9pj7qg0jvlhzpzgz0l7vdg234p96hf6ihjpl34jf8n7smgz5");
});

Deno.test("dynamicPlaceholder follows outputs of outputs", () => {
  assertEquals(dynamicPlaceholder(CA, ["bin"]), downstreamPlaceholder(CA, "bin"));
  assertEquals(dynamicPlaceholder(DYN, ["out", "out"]), "/1g23rpd4zjh0dvnp8hp6bxwz29zdcfgf0zsxzjabqdk0164ra3c4");
  assertEquals(
    dynamicPlaceholder(DYN, ["out", "bin", "dev"]),
    "/1rnnd379g0j6633wm69vw5d2klf3n7jysfv5msi2fr63c1l04dym",
  );
});
